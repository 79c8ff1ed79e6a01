import { type JsonValue, type Tx } from '../../database/index.ts';
import { hasCode } from '../../errors/index.ts';
import { type OrganizationLock } from '../../identity/index.ts';
import { mirrorRoleSet, type MirrorTraces } from '../../roles/index.ts';
import { type RemoteMembership } from '../../workos/index.ts';
import { onlyLoses, type RoleSetOutcome, sameSet, slugSet } from '../decide/index.ts';
import { type Entity, type Removal } from '../entity/index.ts';
import { brakeHolds, heldBack } from './brake.ts';
import { commitOutcome, type Outcome } from './commit.ts';
import { type ConvergeContext } from './context.ts';
import { FALLBACK_ROLE } from './empty-role.ts';
import { type LocalMembership, type RoleDirectory } from './local-store.ts';
import { send } from './send.ts';

/** A membership on both sides, as far as carrying out a decision needs it. */
export interface Compared {
  readonly entity: Entity;
  readonly local: LocalMembership;
  readonly remote: RemoteMembership | undefined;
  readonly directory: RoleDirectory;
  readonly unsettledMs: number;
  /** Takes over what WorkOS owns, when it differs; nothing when it does not. */
  readonly facts: MirrorStep | undefined;
}

/** Something to be taken over under the one lock. */
export type MirrorStep = (tx: Tx, lock: OrganizationLock) => Promise<MirrorTraces>;

/** What WorkOS has removed, as the brake counts it. */
export const REMOVED: Removal = { direction: 'from_workos', kind: 'membership_roles', count: 1 };
const SENT_AWAY: Removal = { direction: 'to_workos', kind: 'membership_roles', count: 1 };

/** How long a set waits for a role that nothing else reports. */
const ROLE_PATIENCE_MS = 60_000;

/** Carries out what was decided about a role set. Throws `Overtaken`, `LeaseLost`, and what calls throw. */
export async function settle(
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
  const removals = onlyLoses(remote.roleSlugs, roles, FALLBACK_ROLE) ? [SENT_AWAY] : [];
  if (await brakeHolds(context, removals)) {
    const outcome = { ...heldBack(removals), raise: true };
    return commitOutcome(context, entity, { ...mirroring([compared.facts]), ...outcome });
  }
  const loses = remote.roleSlugs.some((slug) => !roles.includes(slug));
  const { answer, attemptId } = await send(
    context,
    { entity, key: remote.remoteId, value: { roles: [...roles] } },
    () =>
      context.port.setMembershipRoles(remote.remoteId, roles, {
        lane: loses ? 'revocation' : 'ordinary',
      }),
  );
  return commitOutcome(context, entity, {
    ...mirroring([compared.facts]),
    ...left(compared, decision),
    base: baseOf({ ...answer, roleSlugs: answer.rolesListed ? answer.roleSlugs : roles }),
    answered: attemptId,
    removals,
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
  const { entity, local, remote } = compared;
  const roleIds = roleIdsOf(compared, decision.local);
  const sends = decision.push !== undefined || decision.lacking.length > 0;
  // What a directory owns can be read there again at any time; what is Rolecall's cannot.
  const loses = !remote.directoryManaged && onlyLoses(local.roles, decision.local, FALLBACK_ROLE);
  const removals = loses ? [REMOVED] : [];
  if (await brakeHolds(context, removals)) {
    const outcome = { ...mirroring([compared.facts]), ...heldBack(removals) };
    return commitOutcome(context, entity, outcome);
  }
  const base = { base: baseOf(remote), removals, ...conflictOf(compared, decision) };
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

/**
 * The roles of a set of slugs. INVARIANT (shadowed slugs): what is held under a slug stays what it is. WorkOS knows
 * one role by it, and says nothing about which of the two here somebody gave.
 */
function roleIdsOf({ local, directory }: Compared, slugs: readonly string[]): readonly string[] {
  const kept = local.held.filter(({ slug }) => slugs.includes(slug));
  const given = slugs.filter((slug) => !local.roles.includes(slug));
  return [...kept.map(({ id }) => id), ...given.flatMap((slug) => directory.idOf.get(slug) ?? [])];
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

/** What of these steps there is, as part of an outcome. */
export function mirroring(steps: readonly (MirrorStep | undefined)[]): Pick<Outcome, 'mirror'> {
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

/** A membership as it is remembered. */
export function baseOf(remote: RemoteMembership): JsonValue {
  const roles = [...slugSet(remote.roleSlugs)];
  const suspendedRoles = remote.status === 'inactive' ? roles : null;
  const suspendedByDirectory = suspendedRoles !== null && remote.directoryManaged;
  return { remoteId: remote.remoteId, roles, suspendedRoles, suspendedByDirectory };
}
