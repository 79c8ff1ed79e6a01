import { type MembershipStatus } from '../database/index.ts';

/** Which members a list shows. */
export interface MemberConditions {
  readonly roleId: string | undefined;
  readonly status: MembershipStatus | undefined;
}

/** A place in the order in which members joined. */
export type MemberPlace = readonly [joinedAt: string, membershipId: string];

/** Before every member. */
export const FIRST_PLACE: MemberPlace = ['-infinity', '00000000-0000-0000-0000-000000000000'];

/** Tables and conditions of a walk through members after a place; `$1` to `$3` are organization and place. */
export interface Walk {
  readonly from: string;
  /** The two columns whose order an index has. */
  readonly joinedAt: string;
  readonly id: string;
  readonly values: readonly string[];
}

/** A walk in the order of an index: that of a role's assignments, of a status, or of all members. */
export function walkOf({ roleId, status }: MemberConditions, first: number): Walk {
  const walk = roleId === undefined ? WHOLE_WALK : roleWalk(roleId, first);
  if (status === undefined) return walk;
  return {
    ...walk,
    from: `${walk.from} AND m.status = $${first + walk.values.length}`,
    values: [...walk.values, status],
  };
}

const WHOLE_WALK: Walk = {
  from: `FROM rolecall.memberships m
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL
      AND (m.joined_at, m.id) > ($2::timestamptz, $3::uuid)`,
  joinedAt: 'm.joined_at',
  id: 'm.id',
  values: [],
};

/** A tombstone holds no role, so every assignment leads to a live membership. */
function roleWalk(roleId: string, parameter: number): Walk {
  return {
    from: `FROM rolecall.assignments held
      JOIN rolecall.memberships m ON m.organization_id = $1 AND m.id = held.membership_id
      WHERE held.organization_id = $1 AND held.role_id = $${parameter}::uuid
        AND (held.joined_at, held.membership_id) > ($2::timestamptz, $3::uuid)`,
    joinedAt: 'held.joined_at',
    id: 'held.membership_id',
    values: [roleId],
  };
}
