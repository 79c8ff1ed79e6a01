import { query, type Reader, type Tx } from '../../database/index.ts';
import { type EventSubject } from '../../workos/index.ts';
import { type MarkFailure } from '../entity/index.ts';

export type EnvironmentMarkKind = 'user' | 'environment_role' | 'organization';

/** A remote thing of no single organization that is to be looked at. */
export interface EnvironmentMarkRow {
  /** A thing that is marked anew after it was looked at has another mark. */
  readonly id: string;
  readonly kind: EnvironmentMarkKind;
  readonly key: string;
  readonly raised: number;
  readonly failures: number;
  /** The newest event that raised it; null when none did. */
  readonly eventId: string | null;
}

/** Marks what an event is about, when it is nothing of a single organization's. */
export async function raiseEnvironmentMarks(
  tx: Tx,
  subject: EventSubject,
  eventId: string,
): Promise<void> {
  const key = keyOf(subject);
  if (key === undefined) return;
  await query(tx, {
    name: 'sync_raise_environment_mark',
    text: `INSERT INTO rolecall.sync_environment_marks AS m (kind, key, event_id) VALUES ($1, $2, $3)
      ON CONFLICT (kind, key) DO UPDATE SET raised = m.raised + 1, failures = 0, state = 'pending',
        reason = NULL, event_id = excluded.event_id, next_attempt_at = clock_timestamp()`,
    values: [subject.kind, key, eventId],
  });
}

/** What is due, the longest waiting first. */
export async function listEnvironmentMarks(
  reader: Reader,
  count: number,
): Promise<readonly EnvironmentMarkRow[]> {
  return query<EnvironmentMarkRow>(reader, {
    name: 'sync_list_environment_marks',
    text: `SELECT id, kind, key, raised, failures, event_id AS "eventId" FROM rolecall.sync_environment_marks
      WHERE next_attempt_at <= statement_timestamp() ORDER BY next_attempt_at LIMIT $1`,
    values: [count],
  });
}

/**
 * Takes away some of the due marks of people whom nobody here knows; whether there may be more. There is nothing to
 * look at: whoever comes to know one of them asks WorkOS then.
 */
export async function settleStrangers(reader: Reader, count: number): Promise<boolean> {
  const settled = await query(reader, {
    name: 'sync_settle_strangers',
    text: `WITH due AS MATERIALIZED (SELECT id, raised FROM rolecall.sync_environment_marks m
        WHERE kind = 'user' AND next_attempt_at <= statement_timestamp()
          AND NOT EXISTS (SELECT FROM rolecall.users u WHERE u.workos_user_id = m.key)
        ORDER BY next_attempt_at LIMIT $1)
      DELETE FROM rolecall.sync_environment_marks m USING due
        WHERE m.id = due.id AND m.raised = due.raised RETURNING 1`,
    values: [count],
  });
  return settled.length === count;
}

/**
 * Whether a mark is still the very one that was read, and was not raised again; until the transaction ends nobody
 * raises or settles it. To be asked before anything else is locked, as whoever raises it does.
 */
export async function holdEnvironmentMark(tx: Tx, mark: EnvironmentMarkRow): Promise<boolean> {
  const rows = await query(tx, {
    name: 'sync_hold_environment_mark',
    text: `SELECT FROM rolecall.sync_environment_marks
      WHERE kind = $1 AND key = $2 AND raised = $3 AND id = $4 FOR SHARE`,
    values: [mark.kind, mark.key, mark.raised, mark.id],
  });
  return rows.length > 0;
}

/** Takes a mark away, unless it was raised again or made anew meanwhile. */
export async function settleEnvironmentMark(
  reader: Reader,
  mark: EnvironmentMarkRow,
): Promise<void> {
  await query(reader, {
    name: 'sync_settle_environment_mark',
    text: `DELETE FROM rolecall.sync_environment_marks
      WHERE kind = $1 AND key = $2 AND raised = $3 AND id = $4`,
    values: [mark.kind, mark.key, mark.raised, mark.id],
  });
}

/** Leaves a mark for later; one that nobody can process takes the event that raised it with it. */
export async function postponeEnvironmentMark(
  reader: Reader,
  { mark, state, reason, againInMs }: MarkFailure & { readonly mark: EnvironmentMarkRow },
): Promise<void> {
  await query(reader, {
    name: 'sync_postpone_environment_mark',
    text: `WITH mark AS (UPDATE rolecall.sync_environment_marks SET failures = failures + 1,
          state = $4, reason = $5, next_attempt_at = clock_timestamp() + $3::float8 * interval '1 ms'
        WHERE kind = $1 AND key = $2 AND raised = $6 AND id = $7 RETURNING event_id)
      UPDATE rolecall.sync_inbox i SET state = 'quarantined', reason = $5 FROM mark
        WHERE $4 = 'quarantined' AND i.event_id = mark.event_id AND i.state = 'taken'`,
    values: [mark.kind, mark.key, againInMs, state, reason, mark.raised, mark.id],
  });
}

function keyOf(subject: EventSubject): string | undefined {
  switch (subject.kind) {
    case 'user':
    case 'organization':
      return subject.remoteId;
    case 'environment_role':
      return subject.slug;
    case 'membership':
    case 'organization_role':
    case 'unknown':
      return undefined;
  }
}
