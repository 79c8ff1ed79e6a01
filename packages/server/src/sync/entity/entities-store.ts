import {
  type Db,
  type JsonValue,
  query,
  type Reader,
  type SyncEntityKind,
  type SyncState,
  type Tx,
} from '../../database/index.ts';
import { type Entity } from './entity.ts';

const COLUMNS = `e.organization_id, e.id, e.kind, e.subject_id, e.local_version, e.pushed_version,
  e.state, e.base, e.linking, e.failures`;

interface EntityRow {
  readonly organization_id: string;
  readonly id: string;
  readonly kind: SyncEntityKind;
  readonly subject_id: string;
  readonly local_version: number;
  readonly pushed_version: number;
  readonly state: SyncState;
  readonly base: JsonValue | null;
  readonly linking: boolean;
  readonly failures: number;
}

/** One entity, if it is there. */
export async function findEntity(
  reader: Reader,
  organizationId: string,
  id: string,
): Promise<Entity | undefined> {
  const [row] = await query<EntityRow>(reader, {
    name: 'sync_find_entity',
    text: `SELECT ${COLUMNS} FROM rolecall.sync_entities e WHERE organization_id = $1 AND id = $2`,
    values: [organizationId, id],
  });
  return row && toEntity(row);
}

/** The entity of a thing; made, and due, when there is none. */
export async function ensureEntity(
  reader: Reader,
  organizationId: string,
  thing: { readonly kind: SyncEntityKind; readonly subjectId: string },
): Promise<Entity> {
  const values = [organizationId, thing.kind, thing.subjectId];
  await query(reader, {
    name: 'sync_ensure_entity',
    text: `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version, priority)
      VALUES ($1, $2, $3, 1, CASE $2::text WHEN 'organization_role' THEN 1 ELSE 2 END)
      ON CONFLICT DO NOTHING`,
    values,
  });
  const [row] = await query<EntityRow>(reader, {
    name: 'sync_entity_of',
    text: `SELECT ${COLUMNS} FROM rolecall.sync_entities e
      WHERE organization_id = $1 AND kind = $2 AND subject_id = $3`,
    values,
  });
  if (row === undefined) throw new Error('an entity that was just made is not there');
  return toEntity(row);
}

/** The version that an entity has now; held until the transaction ends. */
export async function holdEntity(tx: Tx, entity: Entity): Promise<number | undefined> {
  const [row] = await query<{ readonly local_version: number }>(tx, {
    name: 'sync_hold_entity',
    text: `SELECT local_version FROM rolecall.sync_entities
      WHERE organization_id = $1 AND id = $2 FOR UPDATE`,
    values: [entity.organizationId, entity.id],
  });
  return row?.local_version;
}

/** How an entity is left. */
export interface EntityUpdate {
  readonly state: SyncState;
  readonly reason: string | null;
  readonly localVersion: number;
  readonly pushedVersion: number;
  readonly base: JsonValue | null;
  readonly linking: boolean;
  readonly failures: number;
  /** From now, by the database's clock; null when nothing is to be done. */
  readonly againInMs: number | null;
}

/** Replaces what is known of an entity. One that is settled forgets the calls that nobody asks for any more. */
export async function updateEntity(tx: Tx, entity: Entity, update: EntityUpdate): Promise<void> {
  await query(tx, {
    name: 'sync_update_entity',
    text: `WITH forgotten AS (
        DELETE FROM rolecall.sync_attempts
          WHERE organization_id = $1 AND entity_id = $2 AND $3::text = 'idle'
            AND sent_at < clock_timestamp() - interval '1 hour' AND deadline < clock_timestamp()
      )
      UPDATE rolecall.sync_entities SET state = $3, reason = $4, local_version = $5,
        pushed_version = $6, base = $7, linking = $8, failures = $9,
        next_attempt_at = clock_timestamp() + $10::float8 * interval '1 ms', observed_at = now(),
        settled_at = CASE WHEN $3::text = 'idle' THEN clock_timestamp() ELSE settled_at END
      WHERE organization_id = $1 AND id = $2`,
    values: [
      entity.organizationId,
      entity.id,
      update.state,
      update.reason,
      update.localVersion,
      update.pushedVersion,
      update.base === null ? null : JSON.stringify(update.base),
      update.linking,
      update.failures,
      update.againInMs,
    ],
  });
}

/** Makes entities of this organization due that wait for one of these reasons. */
export async function wakeEntities(
  reader: Reader,
  organizationId: string,
  reasons: readonly string[],
): Promise<void> {
  await query(reader, {
    name: 'sync_wake_entities',
    text: `UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
      WHERE organization_id = $1 AND reason = ANY ($2)`,
    values: [organizationId, reasons],
  });
}

/** Records two wills that met, for people. */
export async function recordConflict(
  tx: Tx,
  entity: Entity,
  conflict: { readonly reason: string; readonly ours: JsonValue; readonly theirs: JsonValue },
): Promise<void> {
  await query(tx, {
    name: 'sync_record_conflict',
    text: `INSERT INTO rolecall.sync_conflicts (organization_id, entity_id, reason, ours, theirs)
      VALUES ($1, $2, $3, $4, $5)`,
    values: [
      entity.organizationId,
      entity.id,
      conflict.reason,
      JSON.stringify(conflict.ours),
      JSON.stringify(conflict.theirs),
    ],
  });
}

/** A call that was sent and not answered. */
export interface Attempt {
  readonly value: JsonValue;
  /** For how long it may still take effect; zero or less when its deadline has passed. */
  readonly leftMs: number;
}

/**
 * Of a call `a` and its entity `e`: whether the call still tells whose a value is.
 *
 * INVARIANT (remembered attempts): an unanswered call is remembered for an hour, and beyond that until its entity
 * has settled after the deadline of the call. An outage may last longer than any hour.
 */
export const IS_REMEMBERED = `(a.sent_at > clock_timestamp() - interval '1 hour'
    OR a.deadline > coalesce(e.settled_at, '-infinity'))`;

/** The columns of an `Attempt`, from calls `a`. */
export const ATTEMPT_COLUMNS = `a.value,
  (extract(epoch FROM a.deadline - clock_timestamp()) * 1000)::float8 AS "leftMs"`;

/** Calls `a` with their entities `e`. */
export const ATTEMPTS = `rolecall.sync_attempts a
  JOIN rolecall.sync_entities e ON e.organization_id = a.organization_id AND e.id = a.entity_id`;

/** Unanswered calls that are remembered, the oldest first. */
export async function listAttempts(reader: Reader, entity: Entity): Promise<readonly Attempt[]> {
  return query<Attempt>(reader, {
    name: 'sync_list_attempts',
    text: `SELECT ${ATTEMPT_COLUMNS} FROM ${ATTEMPTS}
      WHERE a.organization_id = $1 AND a.entity_id = $2 AND ${IS_REMEMBERED} ORDER BY a.id`,
    values: [entity.organizationId, entity.id],
  });
}

/** Notes a call that is about to be sent; answers with its id. */
export async function insertAttempt(
  tx: Tx,
  entity: Entity,
  { value, deadlineMs }: { readonly value: JsonValue; readonly deadlineMs: number },
): Promise<string> {
  const [row] = await query<{ readonly id: string }>(tx, {
    name: 'sync_insert_attempt',
    text: `INSERT INTO rolecall.sync_attempts (organization_id, entity_id, value, deadline)
      VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 ms') RETURNING id::text`,
    values: [entity.organizationId, entity.id, JSON.stringify(value), deadlineMs],
  });
  return row?.id ?? '';
}

/** Forgets a call: it was answered, or never left. */
export async function deleteAttempt(
  reader: Db | Tx,
  organizationId: string,
  attemptId: string,
): Promise<void> {
  await query(reader, {
    name: 'sync_delete_attempt',
    text: 'DELETE FROM rolecall.sync_attempts WHERE organization_id = $1 AND id = $2::bigint',
    values: [organizationId, attemptId],
  });
}

function toEntity(row: EntityRow): Entity {
  return {
    organizationId: row.organization_id,
    id: row.id,
    kind: row.kind,
    subjectId: row.subject_id,
    localVersion: row.local_version,
    pushedVersion: row.pushed_version,
    state: row.state,
    base: row.base,
    linking: row.linking,
    failures: row.failures,
  };
}
