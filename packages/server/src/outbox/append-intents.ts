import { type RawBuilder, sql } from 'kysely';
import { query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type Intent } from './intent.ts';

/**
 * The common table expressions that note what must be made equal, for the statement that closes a
 * command. In an organization that is not linked nothing is noted: its first link begins with a snapshot.
 *
 * A membership that still waits to lose a role keeps its place among the revocations, whatever it gains
 * meanwhile; a role's newest intent says where its turn is. A new intent is due at once, whatever its thing
 * waited for: somebody wants something else now.
 */
export function intentsPart(
  lock: OrganizationLock,
  intents: readonly Intent[],
): RawBuilder<unknown> {
  const noted = lock.linked ? intents : [];
  return sql`intents AS (
      INSERT INTO rolecall.sync_entities AS e
        (organization_id, kind, subject_id, local_version, priority)
      SELECT ${lock.organizationId}::text, i.kind, i."subjectId", 1, i.priority
        FROM jsonb_to_recordset(${JSON.stringify(noted)}::jsonb)
          AS i (kind text, "subjectId" text, priority smallint)
      ON CONFLICT (organization_id, kind, subject_id) DO UPDATE SET
        local_version = e.local_version + 1,
        priority = CASE WHEN e.kind = 'membership_roles' AND e.pushed_version < e.local_version
          THEN least(e.priority, excluded.priority) ELSE excluded.priority END,
        changed_at = now(),
        state = 'pending',
        reason = NULL,
        failures = 0,
        next_attempt_at = now()
    )`;
}

/** Notes what must be made equal in WorkOS, in a statement of its own. One intent per thing. */
export async function appendIntents(
  tx: Tx,
  lock: OrganizationLock,
  intents: readonly Intent[],
): Promise<void> {
  const { sql: text, parameters } = sql`WITH ${intentsPart(lock, intents)} SELECT 1`.compile(tx);
  await query(tx, { name: 'append_intents', text, values: parameters });
}
