import { type JsonValue } from '../../database/index.ts';
import { type Entity } from '../entity/index.ts';
import { commitOutcome } from './commit.ts';
import { type ConvergeContext } from './context.ts';
import { observeRole, roleBase } from './converge-role.ts';
import { findLocalMembership, findLocalRole } from './local-store.ts';
import { observeMembership } from './observe-membership.ts';
import { baseOf } from './settle-membership.ts';

/** Whose will counts, where two of them met or there is no base. */
export type Side = 'here' | 'there';

/**
 * Gives an entity the base under which the routine takes one side: what is there now, with a change pending
 * here; or what is here now, with nothing pending. False when the chosen side has no such thing to take.
 * Throws `Overtaken`, `LeaseLost`, and what calls throw.
 */
export async function rebase(
  context: ConvergeContext,
  entity: Entity,
  side: Side,
): Promise<boolean> {
  const bases =
    entity.kind === 'organization_role'
      ? await roleBases(context, entity)
      : await membershipBases(context, entity);
  if (bases === undefined) return false;
  await commitOutcome(context, entity, {
    state: 'pending',
    base: bases[side],
    againInMs: 0,
    ...(side === 'here' ? { raise: true } : { settled: true }),
  });
  return true;
}

type Bases = Readonly<Record<Side, JsonValue>>;

async function roleBases(context: ConvergeContext, entity: Entity): Promise<Bases | undefined> {
  const local = await findLocalRole(context.db, entity.organizationId, entity.subjectId);
  if (local === undefined) return undefined;
  const remote = await observeRole(context, local.slug);
  const { name, description } = local;
  const there = { remoteId: remote?.remoteId ?? '', fields: { name, description } };
  return { here: roleBase(remote), there };
}

async function membershipBases(
  context: ConvergeContext,
  entity: Entity,
): Promise<Bases | undefined> {
  const local = await findLocalMembership(context.db, entity.organizationId, entity.subjectId);
  if (local === undefined) return undefined;
  const keys = { remoteId: local.workosMembershipId, workosUserId: local.workosUserId };
  const observed = await observeMembership(context, keys);
  if (observed === undefined) return undefined;
  const { remote } = observed;
  const there = { remoteId: remote.remoteId, roles: [...local.roles], suspendedRoles: null };
  return { here: baseOf(remote), there };
}
