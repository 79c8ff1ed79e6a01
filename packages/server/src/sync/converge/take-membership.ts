import { inTransaction, type Tx } from '../../database/index.ts';
import {
  lockOrganization,
  type MembershipFacts,
  type OrganizationLock,
  takePerson,
} from '../../identity/index.ts';
import {
  closeMirror,
  mirrorMembership,
  mirrorMembershipFacts,
  type MirrorTraces,
} from '../../roles/index.ts';
import { type RemoteMembership, type RemoteUser } from '../../workos/index.ts';
import { slugSet, without } from '../decide/index.ts';
import { ensureEntity, readHeard, requireLease } from '../entity/index.ts';
import { type ConvergeContext, type ObservedMembership } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import { stopsEverything } from './failures.ts';
import {
  findLocalMembership,
  findMembershipOf,
  findUserToLink,
  readRoleDirectory,
  type RoleDirectory,
} from './local-store.ts';
import { inheritAttempts, type Life } from './membership-attempts-store.ts';
import { factsOf, personOf, profileOf, requireNothingNew } from './observe-membership.ts';
import { insertSettledEntity } from './settled-entity-store.ts';
import { takeUnknownRoles } from './take-role.ts';

/**
 * Takes in a membership that nobody here has, with the roles that it has there. Roles that nobody knows are waited
 * for: the rest is taken. False when its person turns out to have one here: that is left to its entity. Throws
 * `Overtaken` when something was heard of it since it was observed.
 */
export async function takeMembership(
  context: ConvergeContext,
  observed: ObservedMembership,
): Promise<boolean> {
  const { db, organizationId, lease } = context;
  const { remote } = observed;
  const user = await profileOf(context, remote);
  await takeRolesOf(context, remote);
  return inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    await requireNothingNew(tx, organizationId, observed);
    const { idOf } = await readRoleDirectory(tx, organizationId);
    const { life, traces } = await takeIn(tx, lock, { remote, user, idOf });
    if (life) await inheritAttempts(tx, organizationId, [life]);
    await closeMirror(tx, lock, [traces], context.cause);
    return life !== undefined;
  });
}

/**
 * Takes in those of a page whom nobody here has, in one transaction with one revision and one notification for
 * all. Whose profile is not known or who has a role that is not, is left to `takeMembership`, and so is everybody
 * when one of them makes the transaction fail; of whom something was heard meanwhile is left out. Answers with the
 * remote ids of whom it took. Throws what stops everything.
 */
export async function takeMemberships(
  context: ConvergeContext,
  observed: readonly ObservedMembership[],
): Promise<ReadonlySet<string>> {
  const { db, organizationId, lease } = context;
  const { idOf } = await readRoleDirectory(db, organizationId);
  const simple = observed.flatMap(({ remote, heard }) =>
    remote.user !== null && remote.roleSlugs.every((slug) => idOf.has(slug))
      ? [{ remote, heard, user: remote.user, idOf }]
      : [],
  );
  if (simple.length < 2) return new Set();
  try {
    return await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, organizationId);
      await requireLease(tx, lease);
      const ids = simple.map(({ remote }) => remote.remoteId);
      const now = await readHeard(tx, organizationId, ids);
      const taken: Life[] = [];
      const left: MirrorTraces[] = [];
      for (const one of simple) {
        // INVARIANT (denied at once): see `requireNothingNew`.
        if (now(one.remote.remoteId) !== one.heard) continue;
        const { life, traces } = await takeIn(tx, lock, one);
        if (life) taken.push(life);
        left.push(traces);
      }
      await inheritAttempts(tx, organizationId, taken);
      await closeMirror(tx, lock, left, context.cause);
      return new Set(taken.map(({ remoteId }) => remoteId));
    });
  } catch (error) {
    if (stopsEverything(error)) throw error;
    return new Set();
  }
}

interface Newcomer {
  readonly remote: RemoteMembership;
  readonly user: RemoteUser;
  readonly idOf: RoleDirectory['idOf'];
}

interface TakenIn {
  /** Nothing when the person has a membership here already. */
  readonly life: Life | undefined;
  readonly traces: MirrorTraces;
}

async function takeIn(
  tx: Tx,
  lock: OrganizationLock,
  { remote, user, idOf }: Newcomer,
): Promise<TakenIn> {
  const { organizationId } = lock;
  const linkable = user.emailVerified
    ? await findUserToLink(tx, organizationId, user.email)
    : undefined;
  const person = personOf(user);
  const userId = await takePerson(
    tx,
    linkable === undefined ? person : { ...person, id: linkable },
  );
  await noteExternalId(tx, organizationId, { userId, user });
  const facts = factsOf(remote, user);
  const ids = { remoteId: remote.remoteId, workosUserId: remote.userId };
  const here = await findMembershipOf(tx, organizationId, ids);
  if (here !== undefined) return { life: undefined, traces: await linkLife(tx, lock, here, facts) };
  const roles = slugSet(remote.roleSlugs.filter((slug) => idOf.has(slug)));
  const held = roles.length === 0 ? [FALLBACK_ROLE] : roles;
  const roleIds = held.flatMap((slug) => idOf.get(slug) ?? []);
  const made = await mirrorMembership(tx, lock, { userId, facts, roleIds });
  const suspended = remote.status === 'inactive';
  await insertSettledEntity(tx, organizationId, {
    kind: 'membership_roles',
    subjectId: made.membershipId,
    base: {
      remoteId: remote.remoteId,
      roles: [...held],
      suspendedRoles: suspended ? [...slugSet(remote.roleSlugs)] : null,
      suspendedByDirectory: suspended && remote.directoryManaged,
      standIn: roles.length === 0,
    },
    parked: roles.length < remote.roleSlugs.length,
  });
  const life = { subjectId: made.membershipId, remoteId: remote.remoteId };
  return { life, traces: made.traces };
}

/**
 * INVARIANT (incarnations): who is recognised here by what was seen there has that life from now on. Nothing else
 * would name it when it ends before the two are compared.
 */
async function linkLife(
  tx: Tx,
  lock: OrganizationLock,
  membershipId: string,
  facts: MembershipFacts,
): Promise<MirrorTraces> {
  const local = await findLocalMembership(tx, lock.organizationId, membershipId);
  // Another life's facts are not this one's.
  if (local?.workosMembershipId !== null) return { changed: {}, entries: [] };
  return mirrorMembershipFacts(tx, lock, { membershipId, facts });
}

/** WorkOS is to know the person by our id, where we have one of our own and it has none. */
async function noteExternalId(
  tx: Tx,
  organizationId: string,
  { userId, user }: { readonly userId: string; readonly user: RemoteUser },
): Promise<void> {
  const known = user.externalId !== null && user.externalId !== '';
  if (known || userId === user.remoteId) return;
  await ensureEntity(tx, organizationId, { kind: 'external_id', subjectId: userId });
}

async function takeRolesOf(context: ConvergeContext, remote: RemoteMembership): Promise<void> {
  const { idOf } = await readRoleDirectory(context.db, context.organizationId);
  const missing = without(remote.roleSlugs, [...idOf.keys()]);
  if (missing.length > 0) await takeUnknownRoles(context, missing);
}
