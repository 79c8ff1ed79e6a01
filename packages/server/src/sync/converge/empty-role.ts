import { slugSet, without } from '../decide/index.ts';
import { inTransaction } from '../../database/index.ts';
import {
  countRemoval,
  deleteAttempt,
  ensureEntity,
  type Entity,
  type Removal,
  requireLease,
} from '../entity/index.ts';
import { brakeHolds, HeldBack } from './brake.ts';
import { type ConvergeContext } from './context.ts';
import { findMembershipOf } from './local-store.ts';
import { send } from './send.ts';
import { dropFromBase } from './strip-role.ts';

/** The role that everybody has who has no other. */
export const FALLBACK_ROLE = 'member';

const REMOVAL: Removal = { direction: 'to_workos', kind: 'membership_roles', count: 1 };

/**
 * Takes a role that is to be deleted from everybody who has it in WorkOS, suspended and pending members too:
 * WorkOS deletes no role that somebody has. Throws what calls throw, and `HeldBack`.
 */
export async function emptyRole(
  context: ConvergeContext,
  role: Entity,
  slug: string,
): Promise<void> {
  const { db, port, workosId, organizationId } = context;
  for await (const member of port.allMemberships({ organizationId: workosId })) {
    if (!member.roleSlugs.includes(slug)) continue;
    const rest = slugSet(without(member.roleSlugs, [slug]));
    const standIn = rest.length === 0 ? FALLBACK_ROLE : null;
    const roles = standIn === null ? rest : [standIn];
    const ids = { remoteId: member.remoteId, workosUserId: member.userId };
    const subjectId = await findMembershipOf(db, organizationId, ids);
    const entity =
      subjectId === undefined
        ? role
        : await ensureEntity(db, organizationId, { kind: 'membership_roles', subjectId });
    if (await brakeHolds(context, [REMOVAL])) throw new HeldBack([REMOVAL]);
    // Whoever this turns out to be here inherits the call by the remote id.
    const value = { roles: [...roles], remoteId: member.remoteId };
    const written = { entity, key: member.remoteId, value };
    const { attemptId } = await send(context, written, () =>
      port.setMembershipRoles(member.remoteId, roles, { lane: 'revocation' }),
    );
    await inTransaction(db, async (tx) => {
      await requireLease(tx, context.lease);
      await countRemoval(tx, organizationId, REMOVAL);
      await dropFromBase(tx, organizationId, { slug, standIn, entityId: entity.id });
      await deleteAttempt(tx, organizationId, attemptId);
    });
  }
}
