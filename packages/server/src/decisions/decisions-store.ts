import { type Dimensions, type Reason } from '@rolecall/policy';
import { type Db, inTransaction, query, type Reader, type Statement } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type Bucket, type Outcome } from './bucket.ts';

/** Adds buckets to what is stored, all of them or none. They are of any organizations, each row of its own. */
export async function addBuckets(db: Db, buckets: readonly Bucket[]): Promise<void> {
  const column = <Key extends keyof Bucket>(key: Key): readonly Bucket[Key][] =>
    buckets.map((bucket) => bucket[key]);
  await inTransaction(db, (tx) =>
    query(tx, {
      name: 'add_decision_buckets',
      text: `INSERT INTO rolecall.decision_buckets AS b (organization_id, outcome, key, day, principal, scope,
          resource_id, dimensions, reason, count, first_at, last_at)
        SELECT n.organization_id, n.outcome, decode(n.key, 'hex'), n.day, n.principal, n.scope,
            n.resource_id, n.dimensions, n.reason, n.count, n.first_at, n.last_at
          FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[],
            $8::jsonb[], $9::text[], $10::bigint[], $11::timestamptz[], $12::timestamptz[])
            WITH ORDINALITY AS n (organization_id, outcome, key, day, principal, scope, resource_id,
              dimensions, reason, count, first_at, last_at, ordinal)
          ORDER BY n.ordinal
        ON CONFLICT (organization_id, outcome, key, day) DO UPDATE SET
          count = b.count + excluded.count,
          reason = CASE WHEN excluded.last_at >= b.last_at THEN excluded.reason ELSE b.reason END,
          first_at = least(b.first_at, excluded.first_at),
          last_at = greatest(b.last_at, excluded.last_at)`,
      values: [
        column('organizationId'),
        column('outcome'),
        column('key'),
        column('day'),
        column('principal'),
        column('scope'),
        column('resourceId'),
        buckets.map(({ dimensions }) => JSON.stringify(dimensions)),
        column('reason'),
        column('count'),
        column('firstAt'),
        column('lastAt'),
      ],
    }),
  );
}

/** Makes room for a day such as `2026-01-31`. */
export async function ensureDay(db: Db, day: string): Promise<void> {
  await query(db, { text: 'SELECT rolecall.ensure_decision_day($1::date)', values: [day] });
}

/** Forgets every day that is over for longer than so many days; answers with how many there were. */
export async function dropOldDays(db: Db, retentionDays: number): Promise<number> {
  const [row] = await query<{ readonly dropped: number }>(db, {
    text: `SELECT rolecall.drop_decision_days((now() AT TIME ZONE 'UTC')::date - $1::integer) AS dropped`,
    values: [retentionDays],
  });
  return row?.dropped ?? 0;
}

/** What was asked and answered in the same way, over all the days looked at. */
export type DecisionGroup = Omit<Bucket, 'organizationId' | 'day'>;

/** Which groups are wanted. Days are such as `2026-01-31`, in UTC; both are included. */
export interface DecisionFilter {
  readonly outcome?: Outcome | undefined;
  readonly principal?: string | undefined;
  readonly scope?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

interface GroupPage {
  readonly filter: DecisionFilter;
  /** The place after which the page begins. */
  readonly after: readonly [outcome: string, key: string];
  readonly count: number;
}

interface GroupRow {
  readonly key: string;
  readonly outcome: Outcome;
  readonly principal: string;
  readonly scope: string;
  readonly resource_id: string;
  readonly dimensions: Dimensions;
  readonly reason: Reason;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
}

/** Groups in the order of their keys, at most `count`. */
export async function pageGroups(
  reader: Reader,
  organizationId: string,
  page: GroupPage,
): Promise<readonly DecisionGroup[]> {
  const rows = await query<GroupRow>(reader, pageGroupsStatement(organizationId, page));
  return rows.map(({ resource_id, first_at, last_at, ...rest }) => ({
    ...rest,
    resourceId: resource_id,
    firstAt: first_at,
    lastAt: last_at,
  }));
}

/** The statement of `pageGroups`. */
export function pageGroupsStatement(
  organizationId: string,
  { filter, after, count }: GroupPage,
): Statement {
  const { text, values } = conditionsOf(filter, 5);
  return {
    text: `SELECT encode(key, 'hex') AS key, outcome, min(principal) AS principal, min(scope) AS scope,
        min(resource_id) AS resource_id, (array_agg(dimensions))[1] AS dimensions,
        (array_agg(reason ORDER BY last_at DESC))[1] AS reason, sum(count)::bigint AS count,
        min(first_at) AS first_at, max(last_at) AS last_at
      FROM rolecall.decision_buckets
      WHERE organization_id = $1 AND (outcome, key) > ($2, decode($3, 'hex')) ${text}
      GROUP BY outcome, key ORDER BY outcome, key LIMIT $4`,
    values: [organizationId, ...after, count, ...values],
  };
}

/** How many groups match; counting stops one after the limit of exact totals. */
export async function countGroups(
  reader: Reader,
  organizationId: string,
  filter: DecisionFilter,
): Promise<number> {
  const { text, values } = conditionsOf(filter, 3);
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (SELECT 1 FROM rolecall.decision_buckets
      WHERE organization_id = $1 ${text} GROUP BY outcome, key LIMIT $2) counted`,
    values: [organizationId, COUNTED_TO + 1, ...values],
  });
  return row?.total ?? 0;
}

const CONDITIONS: Readonly<Record<keyof DecisionFilter, (parameter: string) => string>> = {
  outcome: (parameter) => `outcome = ${parameter}`,
  principal: (parameter) => `principal = ${parameter}`,
  scope: (parameter) => `scope = ${parameter}`,
  resourceId: (parameter) => `resource_id = ${parameter}`,
  since: (parameter) => `day >= ${parameter}::date`,
  until: (parameter) => `day <= ${parameter}::date`,
};

/** The conditions of a filter, beginning with AND, and their values from the parameter `first` on. */
function conditionsOf(
  filter: DecisionFilter,
  first: number,
): { readonly text: string; readonly values: readonly string[] } {
  const keys = Object.keys(CONDITIONS) as (keyof DecisionFilter)[];
  const given = keys.flatMap((key) => {
    const value = filter[key];
    return value === undefined ? [] : [{ key, value }];
  });
  return {
    text: given.map(({ key }, index) => `AND ${CONDITIONS[key](`$${first + index}`)}`).join(' '),
    values: given.map(({ value }) => value),
  };
}
