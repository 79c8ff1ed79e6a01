import { type Reader, query } from '@rolecall/server/database';

export interface AssignmentPlan {
  readonly membershipId: string;
  readonly roleId: string;
}

/** Gives a role to a membership. */
export async function buildAssignment(
  reader: Reader,
  organizationId: string,
  plan: AssignmentPlan,
): Promise<void> {
  const inserted = await query(reader, {
    text: `
      INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
        SELECT organization_id, id, $3, joined_at FROM rolecall.memberships
          WHERE organization_id = $1 AND id = $2
        RETURNING role_id`,
    values: [organizationId, plan.membershipId, plan.roleId],
  });
  if (inserted.length === 0) throw new Error(`there is no membership \`${plan.membershipId}\``);
}
