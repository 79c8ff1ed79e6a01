import { type JsonValue, type Tx } from '../../database/index.ts';
import { hasCode } from '../../errors/index.ts';
import { type MembershipFacts, type OrganizationLock, takePerson } from '../../identity/index.ts';
import {
  mirrorMembershipEnd,
  mirrorMembershipFacts,
  mirrorRoleSet,
  type MirrorTraces,
} from '../../roles/index.ts';
import { type RemoteMembership } from '../../workos/index.ts';
import {
  decideMembership,
  type MembershipBase,
  type MembershipDecision,
  type RoleSetOutcome,
  sameSet,
  slugSet,
} from '../decide/index.ts';
import { type Entity, isPending, listAttempts, raiseMarks } from '../entity/index.ts';
import { commitOutcome, type Outcome } from './commit.ts';
import { type ConvergeContext } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import {
  findLocalMembership,
  type LocalMembership,
  readRoleDirectory,
  type RoleDirectory,
} from './local-store.ts';
import {
  factsOf,
  observeMembership,
  personOf,
  profileOf,
  seenMembership,
} from './observe-membership.ts';
import { send } from './send.ts';
import { takeUnknownRoles } from './take-role.ts';

interface Compared {
  readonly entity: Entity;
  readonly local: LocalMembership;
  readonly remote: RemoteMembership | undefined;
  readonly directory: RoleDirectory;
  readonly unsettledMs: number;
  /** Takes over what WorkOS owns, when it differs; nothing when it does not. */
  readonly facts: MirrorStep | undefined;
}

type MirrorStep = (tx: Tx, lock: OrganizationLock) => Promise<MirrorTraces>;

/** How long a set waits for a role that nothing else reports. */
const ROLE_PATIENCE_MS = 60_000;

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
  const remote = await observeMembership(context, keys);
  const directory = await readRoleDirectory(db, organizationId);
  const unsettledMs = Math.max(0, ...attempts.map((attempt) => attempt.leftMs));
  const facts = remote && (await differingFacts(context, local, remote));
  const decision = decideMembership({
    local: { roles: local.roles },
    remote: remote && seenMembership(remote),
    base: (entity.base as unknown as MembershipBase | null) ?? undefined,
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
  const { entity, local, remote, unsettledMs } = compared;
  const commit = (outcome: Outcome): Promise<void> =>
    commitOutcome(context, entity, { ...mirroring([compared.facts]), ...outcome });
  switch (decision.do) {
    case 'end':
    case 'new_life':
      return commit({
        state: 'idle',
        settled: true,
        base: null,
        mirror: async (tx, lock) => {
          if (remote) await raiseMarks(tx, entity.organizationId, 'membership', [remote.remoteId]);
          return [await mirrorMembershipEnd(tx, lock, local.id)];
        },
      });
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

/** A suspended member: the status is taken over, the roles are only noted. */
function held({ entity, remote }: Compared): Outcome {
  const base = entity.base as unknown as MembershipBase | null;
  const noted: JsonValue | undefined =
    base && remote
      ? { ...base, roles: [...base.roles], suspendedRoles: [...slugSet(remote.roleSlugs)] }
      : undefined;
  const kept = noted === undefined ? {} : { base: noted };
  if (isPending(entity)) return { state: 'waiting', reason: 'suspended', ...kept };
  return { state: 'idle', ...kept };
}

async function settle(
  context: ConvergeContext,
  compared: Compared & { readonly remote: RemoteMembership },
  decision: RoleSetOutcome,
): Promise<void> {
  const { entity, local, remote } = compared;
  if (!sameSet(local.roles, decision.local)) return adopt(context, compared, decision);
  const conflict = conflictOf(compared, decision);
  if (decision.push === undefined) {
    return commitOutcome(context, entity, {
      ...mirroring([compared.facts]),
      ...left(compared, decision),
      ...(remote.rolesListed && { base: baseOf(remote) }),
      ...conflict,
    });
  }
  if (context.settings.observeOnly) {
    const outcome = { state: 'planned', reason: 'observe_only', raise: true } as const;
    return commitOutcome(context, entity, { ...mirroring([compared.facts]), ...outcome });
  }
  const roles = decision.push;
  const loses = remote.roleSlugs.some((slug) => !roles.includes(slug));
  const { answer, attemptId } = await send(context, entity, { roles: [...roles] }, () =>
    context.port.setMembershipRoles(remote.remoteId, roles, {
      lane: loses ? 'revocation' : 'ordinary',
    }),
  );
  return commitOutcome(context, entity, {
    ...mirroring([compared.facts]),
    ...left(compared, decision),
    base: baseOf({ ...answer, roleSlugs: answer.rolesListed ? answer.roleSlugs : roles }),
    answered: attemptId,
    ...conflict,
  });
}

/**
 * Takes roles over. What is left to be sent is sent afterwards, from the new base. A set that would leave
 * nobody who could administer is put back instead: it is Rolecall's, and somebody must be able to mend it.
 */
async function adopt(
  context: ConvergeContext,
  compared: Compared & { readonly remote: RemoteMembership },
  decision: RoleSetOutcome,
): Promise<void> {
  const { entity, local, remote, directory } = compared;
  const roleIds = decision.local.flatMap((slug) => directory.idOf.get(slug) ?? []);
  const sends = decision.push !== undefined || decision.lacking.length > 0;
  const base = { base: baseOf(remote), ...conflictOf(compared, decision) };
  const again = { state: 'pending', againInMs: 0 } as const;
  try {
    await commitOutcome(context, entity, {
      ...(sends ? again : left(compared, decision)),
      ...base,
      adopts: true,
      ...mirroring([
        compared.facts,
        (tx, lock) =>
          mirrorRoleSet(tx, lock, {
            membershipId: local.id,
            roleIds,
            owner: remote.directoryManaged ? 'workos' : 'rolecall',
          }),
      ]),
    });
  } catch (error) {
    if (!hasCode(error, 'last_admin')) throw error;
    const [ours, theirs] = [[...local.roles], [...slugSet(remote.roleSlugs)]];
    await commitOutcome(context, entity, {
      ...again,
      ...mirroring([compared.facts]),
      base: baseOf(remote),
      raise: true,
      conflict: { reason: 'last_admin', ours, theirs },
    });
  }
}

/** How a membership is left once its roles were sent or found equal. */
function left({ unsettledMs }: Compared, { lacking }: RoleSetOutcome): Outcome {
  if (lacking.length > 0) {
    return { state: 'waiting', reason: 'role_missing', raise: true, againInMs: ROLE_PATIENCE_MS };
  }
  if (unsettledMs <= 0) return { state: 'idle', settled: true };
  return { state: 'waiting', reason: 'call_unanswered', settled: true, againInMs: unsettledMs };
}

function conflictOf(
  { local, remote }: Compared,
  { overruled }: RoleSetOutcome,
): Pick<Outcome, 'conflict'> {
  if (overruled.length === 0) return {};
  const theirs = [...slugSet(remote?.roleSlugs ?? [])];
  return { conflict: { reason: 'overruled', ours: [...local.roles], theirs } };
}

function mirroring(steps: readonly (MirrorStep | undefined)[]): Pick<Outcome, 'mirror'> {
  const given = steps.filter((step) => step !== undefined);
  if (given.length === 0) return {};
  return {
    mirror: async (tx, lock) => {
      const traces: MirrorTraces[] = [];
      for (const step of given) traces.push(await step(tx, lock));
      return traces;
    },
  };
}

async function differingFacts(
  context: ConvergeContext,
  local: LocalMembership,
  remote: RemoteMembership,
): Promise<MirrorStep | undefined> {
  // Another life's facts are not this one's.
  const other = local.workosMembershipId !== null && local.workosMembershipId !== remote.remoteId;
  if (other) return undefined;
  const user = await profileOf(context, remote);
  const facts = factsOf(remote, user);
  if (sameFacts(local, facts)) return undefined;
  return async (tx, lock) => {
    await takePerson(tx, personOf(user));
    return mirrorMembershipFacts(tx, lock, { membershipId: local.id, facts });
  };
}

function sameFacts(local: LocalMembership, facts: MembershipFacts): boolean {
  return (Object.keys(facts) as (keyof MembershipFacts)[]).every(
    (key) => local[key] === facts[key],
  );
}

/** A membership as it is remembered. */
export function baseOf(remote: RemoteMembership): JsonValue {
  const roles = [...slugSet(remote.roleSlugs)];
  const suspendedRoles = remote.status === 'inactive' ? roles : null;
  return { remoteId: remote.remoteId, roles, suspendedRoles };
}

function readRoles(value: JsonValue): readonly (readonly string[])[] {
  const { roles } = value as { readonly roles?: readonly string[] };
  return roles === undefined ? [] : [slugSet(roles)];
}
