import { type JsonValue } from '../../database/index.ts';
import { mirrorRoleEnd, mirrorRoleFields, releaseSlug } from '../../roles/index.ts';
import { isWorkosFailure, type RemoteRole } from '../../workos/index.ts';
import { decideRole, type RoleDecision, type RoleFields, type SeenRole } from '../decide/index.ts';
import { type Entity, isPending, raiseMarks, type Removal, wakeEntities } from '../entity/index.ts';
import { brakeHolds, heldBack, removalsOfRole } from './brake.ts';
import { commitOutcome, type Outcome } from './commit.ts';
import { type ConvergeContext, useSighting } from './context.ts';
import { emptyRole } from './empty-role.ts';
import { findLocalRole, type LocalRole } from './local-store.ts';
import { unlessGone } from './observe-membership.ts';
import { listRoleAttempts } from './role-attempts-store.ts';
import { send } from './send.ts';
import { stripRole } from './strip-role.ts';

interface Compared {
  readonly entity: Entity;
  readonly local: LocalRole;
  readonly remote: SeenRole | undefined;
  /** How long an old call may still take effect; zero when none can. */
  readonly unsettledMs: number;
}

/** Converges a role of the organization's own. Throws `Overtaken`, `LeaseLost`, and what calls throw. */
export async function convergeRole(context: ConvergeContext, entity: Entity): Promise<void> {
  const { organizationId, settings } = context;
  const local = await findLocalRole(context.db, organizationId, entity.subjectId);
  if (local === undefined || (!local.live && !local.slugHeld)) {
    return commitOutcome(context, entity, { state: 'idle', settled: true });
  }
  const attempts = await listRoleAttempts(context.db, organizationId, local.slug);
  const remote = await observeRole(context, local.slug);
  const unsettledMs = Math.max(0, ...attempts.map((attempt) => attempt.leftMs));
  const decision = decideRole({
    local: { live: local.live, fields: fieldsOf(local) },
    remote,
    base: (entity.base as unknown as SeenRole | undefined) ?? undefined,
    unanswered: attempts.flatMap(({ value }) => readFields(value)),
    named: local.named,
    mode: settings.mode,
    pending: isPending(entity),
    linking: entity.linking,
    unsettled: unsettledMs > 0,
  });
  return carryOut(context, { entity, local, remote, unsettledMs }, decision);
}

async function carryOut(
  context: ConvergeContext,
  compared: Compared,
  decision: RoleDecision,
): Promise<void> {
  const { entity, local, remote, unsettledMs } = compared;
  const commit = (outcome: Outcome): Promise<void> => commitOutcome(context, entity, outcome);
  switch (decision.do) {
    case 'equal':
      return commit({ ...agreed(compared), base: roleBase(remote), also: wakeDependants(context) });
    case 'create':
    case 'update':
    case 'delete':
      if (context.settings.observeOnly) {
        return commit({ state: 'planned', reason: 'observe_only', raise: true });
      }
      return write(context, compared, decision);
    case 'adopt':
      return commit({
        ...agreed(compared),
        base: roleBase(remote),
        adopts: true,
        mirror: async (tx, lock) => [
          await mirrorRoleFields(tx, lock, {
            id: local.id,
            ...(remote?.fields ?? fieldsOf(local)),
          }),
        ],
      });
    case 'bury':
    case 'replaced':
      return end(context, compared, decision.do);
    case 'gone':
      return commit({
        state: 'idle',
        settled: true,
        base: null,
        also: async (tx) => {
          await releaseSlug(tx, entity.organizationId, local.id);
          // Whoever took the slug since is looked at now that it is free here.
          if (remote)
            await raiseMarks(tx, entity.organizationId, 'organization_role', [local.slug]);
        },
      });
    case 'plan':
      return commit({ state: 'planned', reason: 'differs_at_link' });
    case 'conflict': {
      const theirs = remote ? { ...remote.fields } : null;
      const conflict = { reason: decision.dispute, ours: { ...fieldsOf(local) }, theirs };
      const known = entity.state === 'conflict' ? {} : { conflict };
      return commit({ state: 'conflict', reason: decision.dispute, ...known });
    }
    case 'wait':
      return commit({ state: 'waiting', reason: 'call_unanswered', againInMs: unsettledMs });
  }
}

/** Buries a role that is gone there; another one that has taken its slug is looked at. */
async function end(
  context: ConvergeContext,
  { entity, local }: Compared,
  how: 'bury' | 'replaced',
): Promise<void> {
  const removals = await removalsOfRole(context, local.id);
  if (await brakeHolds(context, removals)) {
    return commitOutcome(context, entity, heldBack(removals));
  }
  const { organizationId } = entity;
  return commitOutcome(context, entity, {
    state: 'idle',
    settled: true,
    base: null,
    adopts: true,
    removals,
    mirror: async (tx, lock) => {
      const { membershipIds, traces } = await mirrorRoleEnd(tx, lock, local.id);
      await stripRole(tx, organizationId, { slug: local.slug, membershipIds });
      if (how === 'replaced') {
        await raiseMarks(tx, organizationId, 'organization_role', [local.slug]);
      }
      return [traces];
    },
  });
}

/** Sends a write and commits its answer. */
async function write(
  context: ConvergeContext,
  compared: Compared,
  decision: Extract<RoleDecision, { readonly do: 'create' | 'update' | 'delete' }>,
): Promise<void> {
  const { entity, local } = compared;
  const { port, workosId } = context;
  const fields = fieldsOf(local);
  if (decision.do === 'delete') {
    const removals: readonly Removal[] = [
      { direction: 'to_workos', kind: 'organization_role', count: 1 },
    ];
    if (await brakeHolds(context, removals))
      return commitOutcome(context, entity, heldBack(removals));
    const { attemptId } = await send(context, { entity, key: local.slug, value: {} }, () =>
      deleteRole(context, compared),
    );
    return commitOutcome(context, entity, {
      state: 'idle',
      settled: true,
      base: null,
      answered: attemptId,
      removals,
      also: (tx) => releaseSlug(tx, entity.organizationId, local.id),
    });
  }
  const written = { entity, key: local.slug, value: { ...fields } };
  const { answer, attemptId } = await send(context, written, () =>
    decision.do === 'create'
      ? port.createOrganizationRole(workosId, { slug: local.slug, ...fields })
      : port.updateOrganizationRole(workosId, local.slug, fields),
  );
  const overruled = decision.do === 'update' ? decision.overruled : undefined;
  const conflict = overruled && {
    reason: 'overruled',
    ours: { ...fields },
    theirs: { ...overruled },
  };
  return commitOutcome(context, entity, {
    ...agreed(compared),
    base: roleBase(seen(answer)),
    answered: attemptId,
    ...(conflict && { conflict }),
    also: wakeDependants(context),
  });
}

/** Deletes a role; members that it still has there, in whatever status, are moved away first. */
async function deleteRole(context: ConvergeContext, { entity, local }: Compared): Promise<void> {
  const { port, workosId } = context;
  try {
    await port.deleteOrganizationRole(workosId, local.slug);
  } catch (error) {
    if (!isWorkosFailure(error, 'role_has_assignments')) throw error;
    await emptyRole(context, entity, local.slug);
    await port.deleteOrganizationRole(workosId, local.slug);
  }
}

/** Both sides agree; while an old call may still take effect, that is looked at once more. */
function agreed({ unsettledMs }: Compared): Outcome {
  if (unsettledMs <= 0) return { state: 'idle', settled: true };
  return { state: 'waiting', reason: 'call_unanswered', settled: true, againInMs: unsettledMs };
}

function wakeDependants({ organizationId }: ConvergeContext): Outcome['also'] & object {
  return (tx) => wakeEntities(tx, organizationId, ['role_missing', 'unknown_role']);
}

/** The role as WorkOS has it now; nothing when it has none of this slug. */
export async function observeRole(
  context: ConvergeContext,
  slug: string,
): Promise<SeenRole | undefined> {
  const sighted = useSighting(context, context.seen.roles, slug);
  if (sighted) return seen(sighted);
  const { port, workosId } = context;
  const remote = await unlessGone(() => port.getOrganizationRole(workosId, slug));
  return remote && seen(remote);
}

function seen({ remoteId, name, description }: RemoteRole): SeenRole {
  return { remoteId, fields: { name, description } };
}

function fieldsOf({ name, description }: LocalRole): RoleFields {
  return { name, description };
}

/** A role as it is remembered. */
export function roleBase(remote: SeenRole | undefined): JsonValue {
  return remote === undefined ? null : { remoteId: remote.remoteId, fields: { ...remote.fields } };
}

/** The fields that a call would have left; a deletion leaves none. */
function readFields(value: JsonValue): readonly RoleFields[] {
  const { name, description } = value as { readonly name?: string; readonly description?: string };
  return name === undefined ? [] : [{ name, description: description ?? null }];
}
