import {
  query,
  type Reader,
  type Statement,
  type SyncEntityKind,
  type SyncState,
} from '../../database/index.ts';
import {
  cappedTotal,
  COUNTED_TO,
  decodeCursor,
  encodeCursor,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
} from '../../paging/index.ts';
import { adviceFor } from './advice.ts';

/** An entity as people see it. */
export interface SyncEntityView {
  readonly id: string;
  readonly organizationId: string;
  readonly kind: SyncEntityKind;
  readonly subjectId: string;
  readonly state: SyncState;
  readonly pending: boolean;
  readonly reason: string | null;
  readonly advice: string | null;
  readonly failures: number;
  readonly changedAt: string;
  readonly observedAt: string | null;
  readonly nextAttemptAt: string | null;
}

/** Which entities; those that are idle only when they are asked for. */
export interface SyncEntityFilter {
  readonly organizationId?: string;
  readonly state?: SyncState;
  readonly kind?: SyncEntityKind;
}

const FIRST = ['', '00000000-0000-0000-0000-000000000000'] as const;

/** One page of entities, by organization and id. Throws `invalid_request` for a cursor of another list. */
export async function listSyncEntities(
  reader: Reader,
  filter: SyncEntityFilter & PageRequest,
): Promise<Page<SyncEntityView>> {
  const limit = readLimit(filter);
  const kinds = ['identifier', 'uuid'] as const;
  const [organizationId, id] = decodeCursor('sync_entities', kinds, filter.cursor) ?? FIRST;
  const after = [organizationId ?? '', id ?? FIRST[1]] as const;
  const rows = await query<Omit<SyncEntityView, 'advice'>>(
    reader,
    pageEntitiesStatement(filter, { after, count: limit + 1 }),
  );
  const [counted] = await query<{ readonly total: number }>(reader, countStatement(filter));
  return toPage(rows, {
    limit,
    total: cappedTotal(counted?.total ?? 0),
    toItem: (row) => ({ ...row, advice: adviceFor(row.reason) }),
    cursorOf: (last) => encodeCursor('sync_entities', [last.organizationId, last.id]),
  });
}

/** The statement of a page of `listSyncEntities`. */
export function pageEntitiesStatement(
  filter: SyncEntityFilter,
  page: { readonly after: readonly [organizationId: string, id: string]; readonly count: number },
): Statement {
  const { where, values } = conditionsOf(filter, [...page.after, page.count]);
  return {
    text: `SELECT e.id, e.organization_id AS "organizationId", e.kind, e.subject_id AS "subjectId",
        e.state, e.pushed_version < e.local_version AS pending, e.reason, e.failures,
        e.changed_at AS "changedAt", e.observed_at AS "observedAt",
        e.next_attempt_at AS "nextAttemptAt"
      FROM rolecall.sync_entities e
      WHERE (e.organization_id, e.id) > ($1, $2::uuid) AND ${where}
      ORDER BY e.organization_id, e.id LIMIT $3`,
    values,
  };
}

function countStatement(filter: SyncEntityFilter): Statement {
  const { where, values } = conditionsOf(filter, [COUNTED_TO + 1]);
  return {
    text: `SELECT count(*) AS total FROM (
      SELECT 1 FROM rolecall.sync_entities e WHERE ${where} LIMIT $1) counted`,
    values,
  };
}

/** Each combination is a statement of its own, so that each has the plan of its index. */
function conditionsOf(
  { organizationId, state, kind }: SyncEntityFilter,
  first: readonly unknown[],
): { readonly where: string; readonly values: readonly unknown[] } {
  const values = [...first];
  const given = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    // Said as a constant, for the index of the open ones.
    state === 'idle' ? `e.state = 'idle'` : `e.state <> 'idle'`,
    ...(state === undefined || state === 'idle' ? [] : [`e.state = ${given(state)}`]),
    ...(organizationId === undefined ? [] : [`e.organization_id = ${given(organizationId)}`]),
    ...(kind === undefined ? [] : [`e.kind = ${given(kind)}`]),
  ];
  return { where: conditions.join(' AND '), values };
}

/** One entity, if it is there; within one organization when one is named. */
export async function findSyncEntity(
  reader: Reader,
  entityId: string,
  organizationId: string | null = null,
): Promise<SyncEntityView | undefined> {
  const [row] = await query<Omit<SyncEntityView, 'advice'>>(reader, {
    text: `SELECT id, organization_id AS "organizationId", kind, subject_id AS "subjectId", state,
        pushed_version < local_version AS pending, reason, failures, changed_at AS "changedAt",
        observed_at AS "observedAt", next_attempt_at AS "nextAttemptAt"
      FROM rolecall.sync_entities
      WHERE id = $1 AND ($2::text IS NULL OR organization_id = $2)`,
    values: [entityId, organizationId],
  });
  return row && { ...row, advice: adviceFor(row.reason) };
}

/** Makes an entity due now, whatever it waits for; false when there is none, or not in that organization. */
export async function retryEntity(
  reader: Reader,
  entityId: string,
  organizationId: string | null = null,
): Promise<boolean> {
  const rows = await query(reader, {
    text: `WITH due AS (
        UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp(), failures = 0
          WHERE id = $1 AND ($2::text IS NULL OR organization_id = $2) RETURNING organization_id)
      SELECT pg_notify('rolecall', organization_id) FROM due`,
    values: [entityId, organizationId],
  });
  return rows.length > 0;
}
