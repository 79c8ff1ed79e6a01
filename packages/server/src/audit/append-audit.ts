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
}

/** Who does it, and in which request. */
export interface AuditAuthor {
  readonly actor: string;
  readonly requestId: string | null;
}

/**
 * The common table expressions that append to the history of an organization that is held, for the
 * statement that closes a command.
 *
 * INVARIANT (gap-free history): the sequence is raised and used in one statement under the one lock, so it
 * counts from 1 without gaps and in the order of revisions.
 */
export function auditPart(
  lock: OrganizationLock,
  { actor, requestId }: AuditAuthor,
  entries: readonly AuditEntry[],
): RawBuilder<unknown> {
  return sql`history_head AS (
      UPDATE rolecall.organization_state
        SET audit_sequence = audit_sequence + ${entries.length}::bigint
        WHERE organization_id = ${lock.organizationId} RETURNING audit_sequence
    ), history AS (
      INSERT INTO rolecall.audit_events
        (organization_id, sequence, occurred_at, revision, actor, action, subject, before, after, request_id)
      SELECT ${lock.organizationId}::text, h.audit_sequence - ${entries.length}::bigint + e.ordinal,
             clock_timestamp(), ${lock.revision}::bigint, ${actor}::text, e.action, e.subject, e.before, e.after,
             ${requestId}::text
        FROM history_head h, ROWS FROM (jsonb_to_recordset(${JSON.stringify(entries)}::jsonb)
          AS (action text, subject text, before jsonb, after jsonb))
          WITH ORDINALITY AS e (action, subject, before, after, ordinal)
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
  { actor, requestId }: AuditAuthor,
  { action, subject, before, after }: AuditEntry,
): Promise<void> {
  await tx
    .insertInto('environment_audit_events')
    .values({
      actor,
      action,
      subject,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
      request_id: requestId,
    })
    .execute();
}
