import { type JsonValue } from '../../database/index.ts';
import { type MembershipFacts, takePerson } from '../../identity/index.ts';
import {
  mirrorMembershipEnd,
  mirrorMembershipFacts,
  mirrorSuspensions,
} from '../../roles/index.ts';
import { type RemoteMembership } from '../../workos/index.ts';
import {
  decideMembership,
  type MembershipBase,
  type MembershipDecision,
  slugSet,
} from '../decide/index.ts';
import { type Entity, isPending, listAttempts, raiseMarks } from '../entity/index.ts';
import { brakeHolds, heldBack } from './brake.ts';
import { commitOutcome, type Outcome } from './commit.ts';
import { type ConvergeContext, type ObservedMembership } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import { findLocalMembership, type LocalMembership, readRoleDirectory } from './local-store.ts';
import { inheritAttempts } from './membership-attempts-store.ts';
import {
  factsOf,
  observeMembership,
  personOf,
  profileOf,
  requireNothingNew,
  seenMembership,
} from './observe-membership.ts';
import { type Compared, mirroring, type MirrorStep, REMOVED, settle } from './settle-membership.ts';
import { takeUnknownRoles } from './take-role.ts';

/** Converges a membership. Throws `Overtaken`, `LeaseLost`, and what calls throw. */
export async function convergeMembership(context: ConvergeContext, entity: Entity): Promise<void> {
  const { db, organizationId, settings } = context;
  const local = await findLocalMembership(db, organizationId, entity.subjectId);
  if (local?.live !== true) {
    // A membership that is over has nothing to say; WorkOS owns its existence.
    return commitOutcome(context, entity, { state: 'idle', settled: true });
  }
  const attempts = await listAttempts(db, entity);
  const keys = { remoteId: local.workosMembershipId, workosUserId: local.workosUserId };
  const observed = await observeMembership(context, keys);
  const remote = observed?.remote;
  if (remote && entity.base === null) {
    // Compared for the first time: it may be the one that we have sent something to already.
    const life = { subjectId: local.id, remoteId: remote.remoteId };
    if ((await inheritAttempts(db, organizationId, [life])) > 0) {
      return convergeMembership(context, entity);
    }
  }
  const directory = await readRoleDirectory(db, organizationId);
  const unsettledMs = Math.max(0, ...attempts.map((attempt) => attempt.leftMs));
  const facts = observed && (await differingFacts(context, local, observed));
  const decision = decideMembership({
    local: { roles: local.roles },
    remote: remote && seenMembership(remote),
    base: (entity.base as unknown as MembershipBase | null) ?? undefined,
    linkedTo: local.workosMembershipId ?? undefined,
    personEnded: local.personEnded,
    unanswered: attempts.flatMap(({ value }) => readRoles(value)),
    fallback: FALLBACK_ROLE,
    known: new Set(directory.idOf.keys()),
    available: directory.available,
    multipleRoles: context.multipleRoles,
    mode: settings.mode,
    pending: isPending(entity),
    linking: entity.linking,
    unsettled: unsettledMs > 0,
  });
  return carryOut(context, { entity, local, remote, directory, unsettledMs, facts }, decision);
}

async function carryOut(
  context: ConvergeContext,
  compared: Compared,
  decision: MembershipDecision,
): Promise<void> {
  const { entity, remote, unsettledMs } = compared;
  const commit = (outcome: Outcome): Promise<void> =>
    commitOutcome(context, entity, { ...mirroring([compared.facts]), ...outcome });
  switch (decision.do) {
    case 'end':
      if (await brakeHolds(context, [REMOVED])) return commit(deniedAndHeld(compared));
      return commit({ ...ended(compared), removals: [REMOVED] });
    case 'new_life':
      return commit(ended(compared));
    case 'hold':
      return commit({ ...held(compared) });
    case 'park':
      if (await takeUnknownRoles(context, decision.missing)) {
        return convergeMembership(context, entity);
      }
      return commit({ state: 'parked', reason: 'unknown_role' });
    case 'plan':
      return commit({
        state: 'planned',
        reason: remote === undefined ? 'not_in_workos' : 'differs_at_link',
      });
    case 'blocked':
      return commit({ state: 'blocked', reason: decision.code });
    case 'wait':
      return commit({ state: 'waiting', reason: 'call_unanswered', againInMs: unsettledMs });
    case 'settle':
      return remote && settle(context, { ...compared, remote }, decision);
  }
}

/** It is over: what was held is closed, and another life of the same person is looked at. */
function ended({ entity, local, remote }: Compared): Outcome {
  return {
    state: 'idle',
    settled: true,
    base: null,
    mirror: async (tx, lock) => {
      if (remote) await raiseMarks(tx, entity.organizationId, 'membership', [remote.remoteId]);
      return [await mirrorMembershipEnd(tx, lock, local.id)];
    },
  };
}

/** Too many are gone at once: they are denied, and what they hold is kept until a person has looked. */
function deniedAndHeld({ local }: Compared): Outcome {
  const remoteId = local.workosMembershipId;
  const denied = remoteId === null ? [] : [{ remoteId }];
  return {
    ...heldBack([REMOVED]),
    mirror: async (tx, lock) => [await mirrorSuspensions(tx, lock, denied)],
  };
}

/** A suspended member: the status is taken over, of the roles only what the suspension itself showed is noted. */
function held({ entity, remote }: Compared): Outcome {
  const base = entity.base as unknown as MembershipBase | null;
  const kept = base && remote ? { base: suspendedBase(base, remote) } : {};
  if (isPending(entity)) return { state: 'waiting', reason: 'suspended', ...kept };
  return { state: 'idle', ...kept };
}

/** A directory resets the roles with the suspension; what shows up later is somebody's will. */
function suspendedBase(base: MembershipBase, remote: RemoteMembership): JsonValue {
  const { remoteId, roles, suspendedRoles, suspendedByDirectory = false, standIn = false } = base;
  return {
    remoteId,
    roles: [...roles],
    suspendedRoles: [...(suspendedRoles ?? slugSet(remote.roleSlugs))],
    suspendedByDirectory: suspendedRoles === null ? remote.directoryManaged : suspendedByDirectory,
    standIn,
  };
}

async function differingFacts(
  context: ConvergeContext,
  local: LocalMembership,
  observed: ObservedMembership,
): Promise<MirrorStep | undefined> {
  const { remote } = observed;
  // Another life's facts are not this one's.
  const other = local.workosMembershipId !== null && local.workosMembershipId !== remote.remoteId;
  if (other) return undefined;
  const user = await profileOf(context, remote);
  const facts = factsOf(remote, user);
  if (sameFacts(local, facts)) return undefined;
  return async (tx, lock) => {
    if (facts.status !== 'inactive') await requireNothingNew(tx, lock.organizationId, observed);
    await takePerson(tx, personOf(user));
    return mirrorMembershipFacts(tx, lock, { membershipId: local.id, facts });
  };
}

function sameFacts(local: LocalMembership, facts: MembershipFacts): boolean {
  return (Object.keys(facts) as (keyof MembershipFacts)[]).every(
    (key) => local[key] === facts[key],
  );
}

function readRoles(value: JsonValue): readonly (readonly string[])[] {
  const { roles } = value as { readonly roles?: readonly string[] };
  return roles === undefined ? [] : [slugSet(roles)];
}
