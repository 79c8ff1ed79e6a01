import { query } from '../../database/index.ts';
import { mayRemove, type Removal } from '../entity/index.ts';
import { type Outcome } from './commit.ts';
import { type ConvergeContext } from './context.ts';

/** Thrown where a removal that is part of a larger call would go beyond what the brake lets pass. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
  readonly removals: readonly Removal[];

  constructor(removals: readonly Removal[]) {
    super('more would be removed than passes without asking');
    this.removals = removals;
  }
}

/**
 * INVARIANT (mass removal): asked before anything is sent or taken over that only takes away. What is held is
 * the loss itself, of assignments, grants and roles; a denial is never held.
 */
export async function brakeHolds(
  { db, organizationId }: ConvergeContext,
  removals: readonly Removal[],
): Promise<boolean> {
  for (const one of removals) if (!(await mayRemove(db, organizationId, one))) return true;
  return false;
}

/** How an entity is left whose removal waits for a person. */
export function heldBack(removals: readonly Removal[]): Outcome {
  return { state: 'planned', reason: 'mass_removal', heldBack: removals };
}

/** What goes with a role that is gone in WorkOS: itself, and what its holders have by it. */
export async function removalsOfRole(
  { db, organizationId }: ConvergeContext,
  roleId: string,
): Promise<readonly Removal[]> {
  const [row] = await query<{ readonly count: number }>(db, {
    name: 'sync_count_holders',
    text: `SELECT count(*) AS count FROM rolecall.assignments
      WHERE organization_id = $1 AND role_id = $2::uuid`,
    values: [organizationId, roleId],
  });
  const direction = 'from_workos';
  return [
    { direction, kind: 'organization_role', count: 1 },
    { direction, kind: 'membership_roles', count: row?.count ?? 0 },
  ];
}
