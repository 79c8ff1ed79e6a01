import { type Db, type JsonValue, query } from '@rolecall/server/database';

export interface AuditTrace {
  readonly sequence: number;
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly request_id: string | null;
}

/** What an organization's commands have left behind, from a revision on. */
export interface Traces {
  readonly changes: readonly { readonly revision: number; readonly what: JsonValue }[];
  readonly audit: readonly AuditTrace[];
}

/** The change records and the history from a revision on, oldest first. */
export async function tracesFrom(db: Db, id: string, revision: number): Promise<Traces> {
  const values = [id, revision];
  return {
    changes: await query(db, {
      text: `SELECT revision, what FROM rolecall.changes
        WHERE organization_id = $1 AND revision >= $2 ORDER BY revision`,
      values,
    }),
    audit: await query(db, {
      text: `SELECT sequence, revision, actor, action, subject, before, after, request_id
        FROM rolecall.audit_events WHERE organization_id = $1 AND revision >= $2 ORDER BY sequence`,
      values,
    }),
  };
}

/** Every intent of an organization, by kind and subject. */
export function intentsOf(
  db: Db,
  id: string,
): Promise<
  readonly {
    readonly kind: string;
    readonly subject_id: string;
    readonly priority: number;
    readonly local_version: number;
  }[]
> {
  return query(db, {
    text: `SELECT kind, subject_id, priority, local_version FROM rolecall.sync_entities
      WHERE organization_id = $1 ORDER BY kind, priority, subject_id`,
    values: [id],
  });
}

/**
 * Everything that must hold of a database whatever has been done to it, as the sentences that are broken;
 * none when all is well.
 */
export async function brokenInvariants(db: Db): Promise<readonly string[]> {
  const rows = await query<{ readonly broken: string }>(db, { text: INVARIANTS });
  return rows.map((row) => row.broken);
}

const INVARIANTS = `
  SELECT 'member_count of ' || s.organization_id AS broken FROM rolecall.organization_state s
    WHERE s.member_count <> (SELECT count(*) FROM rolecall.memberships m
      WHERE m.organization_id = s.organization_id AND m.deleted_at IS NULL)
  UNION ALL
  SELECT 'role_count of ' || s.organization_id FROM rolecall.organization_state s
    WHERE s.role_count <> (SELECT count(*) FROM rolecall.roles r
      WHERE r.organization_id = s.organization_id AND r.deleted_at IS NULL)
  UNION ALL
  SELECT 'member_count of role ' || r.id FROM rolecall.roles r
    WHERE r.member_count <> (SELECT count(*) FROM rolecall.assignments a
      WHERE a.organization_id = r.organization_id AND a.role_id = r.id)
  UNION ALL
  SELECT 'the history of ' || s.organization_id || ' has gaps' FROM rolecall.organization_state s
    WHERE s.audit_sequence <> (SELECT count(*) FROM rolecall.audit_events e
        WHERE e.organization_id = s.organization_id)
      OR s.audit_sequence <> (SELECT coalesce(max(sequence), 0) FROM rolecall.audit_events e
        WHERE e.organization_id = s.organization_id)
  UNION ALL
  SELECT 'the history of ' || e.organization_id || ' is not in the order of revisions at ' || e.sequence
    FROM (SELECT organization_id, sequence, revision,
        lag(revision) OVER (PARTITION BY organization_id ORDER BY sequence) AS previous
      FROM rolecall.audit_events) e
    WHERE e.revision < e.previous
  UNION ALL
  SELECT s.organization_id || ' has not one change record for each revision'
    FROM rolecall.organization_state s
    WHERE s.revision <> (SELECT count(*) FROM rolecall.changes c
      WHERE c.organization_id = s.organization_id)
  UNION ALL
  SELECT m.organization_id || ' has a member without a role: ' || m.id FROM rolecall.memberships m
    WHERE m.deleted_at IS NULL AND NOT EXISTS (SELECT FROM rolecall.assignments a
      WHERE a.organization_id = m.organization_id AND a.membership_id = m.id)
  UNION ALL
  SELECT 'direct grants of a tombstone ' || m.id FROM rolecall.memberships m
    JOIN rolecall.grants g ON g.organization_id = m.organization_id AND g.membership_id = m.id
    WHERE m.deleted_at IS NOT NULL
  UNION ALL
  SELECT 'grants of a deleted role ' || r.id FROM rolecall.roles r
    JOIN rolecall.grants g ON g.organization_id = r.organization_id AND g.role_id = r.id
    WHERE r.deleted_at IS NOT NULL`;
