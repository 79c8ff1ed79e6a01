import { query, type Reader } from '../database/index.ts';
import { identifierProblem } from './fields.ts';
import { organizationNotFound } from './organization-not-found.ts';

/** What is counted as it changes, so that the total of a list costs one look-up. */
export interface Counters {
  readonly members: number;
  readonly roles: number;
  readonly auditEvents: number;
}

/** The counters of one organization. Throws `organization_not_found`. */
export async function getCounters(reader: Reader, organizationId: string): Promise<Counters> {
  if (identifierProblem(organizationId) !== undefined) throw organizationNotFound(organizationId);
  const [row] = await query<Counters>(reader, {
    name: 'get_counters',
    text: `SELECT member_count AS members, role_count AS roles, audit_sequence AS "auditEvents"
      FROM rolecall.organization_state WHERE organization_id = $1`,
    values: [organizationId],
  });
  if (row === undefined) throw organizationNotFound(organizationId);
  return row;
}
