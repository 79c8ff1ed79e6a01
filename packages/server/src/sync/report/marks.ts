import { query, type Reader } from '../../database/index.ts';
import { type MarkKind } from '../entity/index.ts';
import { adviceFor } from './advice.ts';

/** Something that WorkOS shows and that cannot be taken in: a role by its slug, a membership by its remote id. */
export interface HeldMark {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: MarkKind;
  readonly key: string;
  /** `blocked`: a person can make room for it; `quarantined`: nobody can process it. */
  readonly state: 'blocked' | 'quarantined';
  readonly reason: string;
  readonly advice: string | null;
  readonly failures: number;
  readonly nextAttemptAt: string;
}

/** What is held, in one organization or in all, at most `limit`. */
export async function listHeldMarks(
  reader: Reader,
  {
    organizationId = null,
    limit,
  }: { readonly organizationId?: string | null; readonly limit: number },
): Promise<readonly HeldMark[]> {
  const rows = await query<Omit<HeldMark, 'advice'>>(reader, {
    text: `SELECT id, organization_id AS "organizationId", kind, key, state, reason, failures,
        next_attempt_at AS "nextAttemptAt"
      FROM rolecall.sync_marks
      WHERE state <> 'pending' AND ($1::text IS NULL OR organization_id = $1)
      ORDER BY organization_id, id LIMIT $2`,
    values: [organizationId, limit],
  });
  return rows.map((row) => ({ ...row, advice: adviceFor(row.reason) }));
}

/** Looks at something that is held again, now; false when nothing of this id is. */
export async function retryMark(reader: Reader, id: string): Promise<boolean> {
  const rows = await query(reader, {
    text: `WITH due AS (
        UPDATE rolecall.sync_marks SET next_attempt_at = clock_timestamp(), failures = 0
          WHERE id = $1 RETURNING organization_id)
      SELECT pg_notify('rolecall', organization_id) FROM due`,
    values: [id],
  });
  return rows.length > 0;
}
