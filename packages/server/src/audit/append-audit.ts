import { type JsonValue, query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type RawBuilder, sql } from 'kysely';
import { type AuditAction } from './audit-action.ts';

/** One thing that was done. `before` and `after` have the shapes of the API, and never a secret. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** What it was done to: a principal, or `organization:<id>`, `membership:<id>`. */
  readonly subject: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** The event of WorkOS that led to it, where that is another one than its author's. */
  readonly cause?: string;
}

/** Who does it, and in which request. */
export interface AuditAuthor {
  readonly actor: string;
  readonly requestId: string | null;
  /** The id of the event of WorkOS that led to it. */
  readonly cause?: string | null;
}

/**
 * The common table expressions that append to the history of an organization that is held, for the
 * statement that closes a command.
 *
 * INVARIANT (gap-free history): the sequence is raised and used in one statement under the one lock, so it
 * counts from 1 without gaps and in the order of revisions.
 * INVARIANT (chained history): each entry's hash is that of the entry before it and of its own content; the
 * newest one is kept in `organization_state`. Both are written by the statement that writes the entries.
 */
export function auditPart(
  lock: OrganizationLock,
  { actor, requestId, cause }: AuditAuthor,
  entries: readonly AuditEntry[],
): RawBuilder<unknown> {
  // What is the same for all entries comes out of the first table and not as parameters where it is used: with
  // values to fold, PostgreSQL thinks a plan for these ones cheaper, and would plan every closing statement anew.
  return sql`history_start AS MATERIALIZED (
      SELECT organization_id, audit_sequence, audit_hash, clock_timestamp()::timestamptz(3) AS at,
             ${lock.revision}::bigint AS revision, ${actor}::text AS actor, ${requestId}::text AS request_id,
             ${cause ?? null}::text AS cause
        FROM rolecall.organization_state WHERE organization_id = ${lock.organizationId}
    ), history_entries AS MATERIALIZED (
      SELECT s.organization_id, s.audit_hash AS start, s.audit_sequence + e.ordinal AS sequence, s.at, s.revision,
             s.actor, e.action, e.subject, e.before, e.after, s.request_id, coalesce(e.cause, s.cause) AS cause
        FROM history_start s, ROWS FROM (jsonb_to_recordset(${JSON.stringify(entries)}::jsonb)
          AS (action text, subject text, before jsonb, after jsonb, cause text))
          WITH ORDINALITY AS e (action, subject, before, after, cause, ordinal)
    ), history AS (
      INSERT INTO rolecall.audit_events (organization_id, sequence, occurred_at, revision, actor, action,
        subject, before, after, request_id, cause, hash)
      SELECT e.organization_id, e.sequence, e.at, e.revision, e.actor, e.action, e.subject, e.before, e.after,
             e.request_id, e.cause,
             rolecall.audit_chain(e.start, rolecall.audit_content(e.organization_id, e.sequence, e.at, e.revision,
                 e.actor, e.action, e.subject, e.before, e.after, e.request_id, e.cause))
               OVER (ORDER BY e.sequence)
        FROM history_entries e
      RETURNING sequence, hash
    ), history_head AS (
      UPDATE rolecall.organization_state s SET audit_sequence = h.sequence, audit_hash = h.hash
        FROM (SELECT sequence, hash FROM history ORDER BY sequence DESC LIMIT 1) h
        WHERE s.organization_id = ${lock.organizationId}
    )`;
}

/** Appends to the history of an organization that is held, in a statement of its own. */
export async function appendAudit(
  tx: Tx,
  lock: OrganizationLock,
  author: AuditAuthor,
  entries: readonly AuditEntry[],
): Promise<void> {
  const { sql: text, parameters } = sql`WITH ${auditPart(lock, author, entries)} SELECT 1`.compile(
    tx,
  );
  await query(tx, { name: 'append_audit', text, values: parameters });
}

/** Appends to the history of the whole environment: what belongs to no organization. */
export async function appendEnvironmentAudit(
  tx: Tx,
  author: AuditAuthor,
  { action, subject, before, after, cause }: AuditEntry,
): Promise<void> {
  await tx
    .insertInto('environment_audit_events')
    .values({
      actor: author.actor,
      action,
      subject,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
      request_id: author.requestId,
      cause: cause ?? author.cause ?? null,
    })
    .execute();
}
