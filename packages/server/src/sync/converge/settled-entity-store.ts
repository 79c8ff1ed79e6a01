import { type JsonValue, query, type SyncEntityKind, type Tx } from '../../database/index.ts';

/** The entity of a thing that was just taken in: both sides agree from the start. */
export async function insertSettledEntity(
  tx: Tx,
  organizationId: string,
  entity: {
    readonly kind: SyncEntityKind;
    readonly subjectId: string;
    readonly base: JsonValue;
    /** Something about it could not be taken yet. */
    readonly parked?: boolean;
  },
): Promise<void> {
  const parked = entity.parked === true;
  await query(tx, {
    name: 'sync_insert_settled_entity',
    text: `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version,
        pushed_version, priority, state, reason, base, next_attempt_at, observed_at, settled_at)
      VALUES ($1, $2, $3, 1, 1, 2, $5, $6, $4, NULL, now(), clock_timestamp())
      ON CONFLICT (organization_id, kind, subject_id) DO NOTHING`,
    values: [
      organizationId,
      entity.kind,
      entity.subjectId,
      JSON.stringify(entity.base),
      parked ? 'parked' : 'idle',
      parked ? 'unknown_role' : null,
    ],
  });
}
