import { query, type Reader } from '../database/index.ts';
import { identifierProblem } from './fields.ts';
import { organizationNotFound } from './organization-not-found.ts';

/** What is counted as it changes, so that the total of a list costs one look-up. */
export interface Counters {
  readonly members: number;
  readonly roles: number;
  /** Events of the history that are there; retention may have removed older ones. */
  readonly auditEvents: number;
  /** The sequence of the newest of them. */
  readonly auditHead: number;
}

/** The counters of one organization. Throws `organization_not_found`. */
export async function getCounters(reader: Reader, organizationId: string): Promise<Counters> {
  if (identifierProblem(organizationId) !== undefined) throw organizationNotFound(organizationId);
  const [row] = await query<Counters>(reader, {
    name: 'get_counters',
    text: `SELECT s.member_count AS members, s.role_count AS roles, s.audit_sequence AS "auditHead",
        s.audit_sequence - coalesce(a.sequence, 0) AS "auditEvents"
      FROM rolecall.organization_state s
      LEFT JOIN rolecall.audit_anchors a ON a.organization_id = s.organization_id
      WHERE s.organization_id = $1`,
    values: [organizationId],
  });
  if (row === undefined) throw organizationNotFound(organizationId);
  return row;
}
