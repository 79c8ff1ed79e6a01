import { type Db, query, type Reader, type Statement, type Tx } from '../../database/index.ts';

/*
 * What is due is asked for by `statement_timestamp()`: it stands still for a statement, so an index ends where the
 * future begins. `clock_timestamp()` does not, and would have every row looked at that is due at any time.
 */

/** What is looked at next: an entity, or a remote thing that was marked. */
export type Work =
  | { readonly what: 'entity'; readonly entityId: string }
  | { readonly what: 'mark'; readonly mark: Mark };

export type MarkKind = 'organization_role' | 'membership';

/** A remote thing to be looked at: a role by its slug, a membership by its remote id. */
export interface Mark {
  /** A thing that is marked anew after it was looked at has another mark. */
  readonly id: string;
  readonly kind: MarkKind;
  readonly key: string;
  readonly raised: number;
  readonly failures: number;
  /** The newest event that raised it; null when none did. */
  readonly eventId: string | null;
}

interface WorkRow {
  readonly entity_id: string | null;
  readonly mark_id: string;
  readonly kind: MarkKind;
  readonly key: string;
  readonly raised: number;
  readonly failures: number;
  readonly event_id: string | null;
}

export interface WorkLimits {
  readonly count: number;
  /** Whether marks of memberships are meant too; they are unless told otherwise. */
  readonly memberships?: boolean;
}

/**
 * What is due in an organization, in the order in which it is done: revocations, then roles, then other
 * memberships, then deletions of roles. What was marked comes before what was changed here, because looking at
 * it often settles both.
 */
export async function listWork(
  reader: Reader,
  organizationId: string,
  { count, memberships = true }: WorkLimits,
): Promise<readonly Work[]> {
  const rows = await query<WorkRow>(reader, {
    name: 'sync_list_work',
    text: `SELECT * FROM (
      (SELECT e.id AS entity_id, NULL::uuid AS mark_id, NULL AS kind, '' AS key, 0::bigint AS raised, e.failures,
          NULL AS event_id,
          e.priority::integer AS rank, 1 AS ours, e.next_attempt_at
        FROM rolecall.sync_entities e
        WHERE e.organization_id = $1 AND e.next_attempt_at <= statement_timestamp()
        ORDER BY e.priority, e.next_attempt_at LIMIT $2)
      UNION ALL
      (SELECT NULL, m.id, m.kind, m.key, m.raised, m.failures, m.event_id, 1, 0, m.next_attempt_at
        FROM rolecall.sync_marks m WHERE m.organization_id = $1
          AND m.kind = 'organization_role' AND m.next_attempt_at <= statement_timestamp()
        ORDER BY m.next_attempt_at LIMIT $2)
      UNION ALL
      (SELECT NULL, m.id, m.kind, m.key, m.raised, m.failures, m.event_id, 2, 0, m.next_attempt_at
        FROM rolecall.sync_marks m WHERE $3 AND m.organization_id = $1
          AND m.kind = 'membership' AND m.next_attempt_at <= statement_timestamp()
        ORDER BY m.next_attempt_at LIMIT $2)) due
      ORDER BY rank, ours, next_attempt_at LIMIT $2`,
    values: [organizationId, count, memberships],
  });
  return rows.map(({ entity_id, mark_id: id, event_id: eventId, kind, key, raised, failures }) =>
    entity_id === null
      ? { what: 'mark', mark: { id, kind, key, raised, failures, eventId } }
      : { what: 'entity', entityId: entity_id },
  );
}

/**
 * Marks remote things to be looked at; one that is marked already is looked at once more. Answers with how often
 * each has been marked since it was last looked at. Keys that are a map name the event that led to each; of
 * several events the newest is kept, which their ids tell.
 */
export async function raiseMarks(
  tx: Tx,
  organizationId: string,
  kind: MarkKind,
  keys: readonly string[] | ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, number>> {
  const events: ReadonlyMap<string, string | null> =
    'get' in keys ? keys : new Map(keys.map((key) => [key, null]));
  if (events.size === 0) return new Map();
  const rows = await query<{ readonly key: string; readonly raised: number }>(tx, {
    name: 'sync_raise_marks',
    text: `INSERT INTO rolecall.sync_marks AS m (organization_id, kind, key, event_id)
      SELECT $1, $2, key, event_id FROM unnest($3::text[], $4::text[]) AS marked (key, event_id)
        ORDER BY key
      ON CONFLICT (organization_id, kind, key) DO UPDATE SET raised = m.raised + 1, failures = 0,
        state = 'pending', reason = NULL, next_attempt_at = clock_timestamp(),
        event_id = greatest(excluded.event_id COLLATE "C", m.event_id)
      RETURNING key, raised`,
    values: [organizationId, kind, [...events.keys()], [...events.values()]],
  });
  return new Map(rows.map((row) => [row.key, row.raised]));
}

/** Memberships that are marked and due, with how often, when a listing of all would cost fewer calls. */
export async function listManyMarked(
  reader: Reader,
  organizationId: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await query<{ readonly key: string; readonly raised: number }>(reader, {
    name: 'sync_list_many_marked',
    text: `WITH due AS MATERIALIZED (SELECT key, raised FROM rolecall.sync_marks
        WHERE organization_id = $1 AND kind = 'membership' AND next_attempt_at <= statement_timestamp())
      SELECT key, raised FROM due WHERE (SELECT count(*) FROM due) >
        (SELECT 5 + member_count / 100 FROM rolecall.organization_state WHERE organization_id = $1)`,
    values: [organizationId],
  });
  return new Map(rows.map((row) => [row.key, row.raised]));
}

/** The marks of these things, those that have one. */
export async function findMarks(
  reader: Reader,
  organizationId: string,
  kind: MarkKind,
  keys: readonly string[],
): Promise<readonly Mark[]> {
  return query<Mark>(reader, {
    name: 'sync_find_marks',
    text: `SELECT id, kind, key, raised, failures, event_id AS "eventId" FROM rolecall.sync_marks
      WHERE organization_id = $1 AND kind = $2 AND key = ANY ($3)`,
    values: [organizationId, kind, keys],
  });
}

/**
 * What has been heard of a remote thing: its mark, and how often that was raised; null of one that is not marked.
 * It never comes back to what it was once something more was heard.
 */
export type Heard = string | null;

/** What had been heard when this mark was read. */
export function heardOf({ id, raised }: Pick<Mark, 'id' | 'raised'>): Heard {
  return `${id} ${raised}`;
}

/** What has been heard of these memberships by now, by their remote ids. */
export async function readHeard(
  reader: Reader,
  organizationId: string,
  remoteIds: readonly string[],
): Promise<(remoteId: string) => Heard> {
  const marks = await findMarks(reader, organizationId, 'membership', remoteIds);
  const heard = new Map(marks.map((mark) => [mark.key, heardOf(mark)]));
  return (remoteId) => heard.get(remoteId) ?? null;
}

/**
 * Takes a mark away, unless it was raised again meanwhile. INVARIANT (marks): only the very mark that was looked at.
 * Whoever was paused takes none away that was made since somebody else has settled theirs.
 */
export async function settleMark(
  reader: Reader,
  organizationId: string,
  mark: Mark,
): Promise<void> {
  await query(reader, {
    name: 'sync_settle_mark',
    text: `DELETE FROM rolecall.sync_marks
      WHERE organization_id = $1 AND kind = $2 AND key = $3 AND raised = $4 AND id = $5`,
    values: [organizationId, mark.kind, mark.key, mark.raised, mark.id],
  });
}

/** How a mark is left that could not be worked on. */
export interface MarkFailure {
  readonly state: 'pending' | 'blocked' | 'quarantined';
  readonly reason: string;
  readonly againInMs: number;
}

/**
 * Leaves a mark for later. INVARIANT (quarantine): one that nobody can process takes the event that raised it with
 * it, to be replayed; everything else goes on.
 */
export async function postponeMark(
  reader: Reader,
  organizationId: string,
  { mark, state, reason, againInMs }: MarkFailure & { readonly mark: Mark },
): Promise<void> {
  await query(reader, {
    name: 'sync_postpone_mark',
    text: `WITH mark AS (UPDATE rolecall.sync_marks SET failures = failures + 1, state = $5, reason = $6,
          next_attempt_at = clock_timestamp() + $4::float8 * interval '1 ms'
        WHERE organization_id = $1 AND kind = $2 AND key = $3 AND raised = $7 AND id = $8
        RETURNING event_id)
      UPDATE rolecall.sync_inbox i SET state = 'quarantined', reason = $6 FROM mark
        WHERE $5 = 'quarantined' AND i.event_id = mark.event_id AND i.state = 'taken'`,
    values: [organizationId, mark.kind, mark.key, againInMs, state, reason, mark.raised, mark.id],
  });
}

/** Organizations in which something was due at a moment of the database's clock. */
export interface DueOrganizations {
  readonly organizationIds: readonly string[];
  readonly asOf: string;
}

/** Linked organizations in which something is due, or that are to be compared as a whole. */
export async function listDueOrganizations(db: Db): Promise<DueOrganizations> {
  const [row] = await query<DueOrganizations>(db, {
    name: 'sync_list_due',
    text: `SELECT statement_timestamp()::text AS "asOf", ARRAY(
        SELECT organization_id FROM rolecall.sync_entities
          WHERE next_attempt_at <= statement_timestamp()
        UNION SELECT organization_id FROM rolecall.sync_marks
          WHERE next_attempt_at <= statement_timestamp()
        UNION SELECT organization_id FROM rolecall.sync_organizations
          WHERE snapshot_done < snapshot_wanted) AS "organizationIds"`,
  });
  if (row === undefined) throw new Error('a statement without a table has no row');
  return row;
}

/**
 * In how many milliseconds the first thing is due that was not due yet at a moment of the database's clock; zero or
 * less when that has passed since, null when there is nothing. INVARIANT (no wake-up lost): it begins where the
 * last look at what is due has ended, so nothing falls between the two.
 */
export async function nextDueInMs(db: Db, asOf: string): Promise<number | null> {
  const [row] = await query<{ readonly ms: number | null }>(db, {
    name: 'sync_next_due',
    text: `SELECT (extract(epoch FROM least(
          (SELECT min(next_attempt_at) FROM rolecall.sync_entities
            WHERE next_attempt_at > $1::timestamptz),
          (SELECT min(next_attempt_at) FROM rolecall.sync_marks
            WHERE next_attempt_at > $1::timestamptz)) - clock_timestamp()) * 1000)::float8 AS ms`,
    values: [asOf],
  });
  return row?.ms ?? null;
}

/**
 * In how many milliseconds something will be due in an organization, 0 when it is already; null when nothing
 * will.
 */
export async function nextDueInOrganizationMs(
  db: Db,
  organizationId: string,
): Promise<number | null> {
  const [row] = await query<{ readonly ms: number | null }>(
    db,
    nextDueInOrganizationStatement(organizationId),
  );
  return row === undefined || row.ms === null ? null : Math.max(0, row.ms);
}

/** The statement of `nextDueInOrganizationMs`: one look at an index for each priority, and one for the marks. */
export function nextDueInOrganizationStatement(organizationId: string): Statement {
  return {
    name: 'sync_next_due_in_organization',
    text: `SELECT (extract(epoch FROM least(
          (SELECT min(soonest.at) FROM (VALUES (0), (1), (2), (3)) AS of (priority) CROSS JOIN LATERAL
            (SELECT e.next_attempt_at AS at FROM rolecall.sync_entities e
              WHERE e.organization_id = $1 AND e.priority = of.priority
                AND e.next_attempt_at IS NOT NULL ORDER BY e.next_attempt_at LIMIT 1) soonest),
          (SELECT next_attempt_at FROM rolecall.sync_marks WHERE organization_id = $1
            ORDER BY next_attempt_at LIMIT 1)) - clock_timestamp()) * 1000)::float8 AS ms`,
    values: [organizationId],
  };
}
