import { type Db, inTransaction, query, type Statement, type Tx } from '@rolecall/server/database';
import { escapeLiteral } from 'pg';

export interface ExplainOptions {
  /**
   * `generic` is the plan that a prepared statement has in the long run, the same for all values;
   * `custom` is made for these values. Generic unless told otherwise.
   */
  readonly plan?: 'generic' | 'custom';
  /** Run it, and learn the actual rows and heap fetches; what it writes is rolled back. */
  readonly analyze?: boolean;
}

/** One step of a plan. What PostgreSQL says beyond these few words is in `raw`. */
export interface PlanNode {
  /** `Index Only Scan`, `Seq Scan`, `Nested Loop`, … */
  readonly type: string;
  readonly relation: string | undefined;
  readonly index: string | undefined;
  readonly plannedRows: number;
  /** Of all loops together; only with `analyze`. */
  readonly actualRows: number | undefined;
  /** Rows that an index-only scan had to look up after all; only with `analyze`. */
  readonly heapFetches: number | undefined;
  readonly depth: number;
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface Plan {
  /** Every step, parents before children. */
  readonly nodes: () => readonly PlanNode[];
  /** The steps that read a table or an index of it. */
  readonly scansOf: (relation: string) => readonly PlanNode[];
  /** Milliseconds; only with `analyze`. */
  readonly executionMs: number | undefined;
  /** Pages of tables and indexes that were looked at; only with `analyze`. */
  readonly pages: number | undefined;
  /** One line a step, for the message of a failed expectation. */
  readonly text: string;
}

/** How PostgreSQL would run a statement, or with `analyze` has run it. */
export async function explain(
  db: Db,
  statement: Statement,
  options: ExplainOptions = {},
): Promise<Plan> {
  let plan: Plan | undefined;
  const rollBack = new Error('the statement was only explained');
  await inTransaction(db, async (tx) => {
    plan = readPlan(await explainInside(tx, statement, options));
    throw rollBack;
  }).catch((error: unknown) => {
    if (error !== rollBack) throw error;
  });
  if (plan === undefined) throw new Error('there is no plan');
  return plan;
}

let explained = 0;

async function explainInside(
  tx: Tx,
  { text, values = [] }: Statement,
  { plan = 'generic', analyze = false }: ExplainOptions,
): Promise<unknown> {
  const mode = plan === 'generic' ? 'force_generic_plan' : 'force_custom_plan';
  await query(tx, { text: `SET LOCAL plan_cache_mode = ${mode}` });
  // A name of its own: one whose explanation fails stays prepared on its connection.
  const name = `explained_${(explained += 1)}`;
  await query(tx, { text: `PREPARE ${name} AS ${text}` });
  const literals = values.length === 0 ? '' : `(${values.map(toLiteral).join(', ')})`;
  const [row] = await query<Record<string, unknown>>(tx, {
    text: `EXPLAIN (FORMAT JSON, ANALYZE ${analyze}, BUFFERS ${analyze}, TIMING false) EXECUTE ${name}${literals}`,
  });
  await query(tx, { text: `DEALLOCATE ${name}` });
  return row?.['QUERY PLAN'];
}

function readPlan(answer: unknown): Plan {
  const [top] = Array.isArray(answer) ? (answer as unknown[]) : [];
  if (!isRecord(top) || !isRecord(top['Plan'])) throw new Error('EXPLAIN has answered no plan');
  const nodes = flatten(top['Plan'], 0);
  return {
    nodes: () => nodes,
    scansOf: (relation) => nodes.filter((node) => node.relation === relation),
    executionMs: numberOf(top['Execution Time']),
    pages: sumOf(top['Plan']['Shared Hit Blocks'], top['Plan']['Shared Read Blocks']),
    text: nodes.map(describe).join('\n'),
  };
}

function flatten(raw: Readonly<Record<string, unknown>>, depth: number): readonly PlanNode[] {
  const children = Array.isArray(raw['Plans']) ? raw['Plans'].filter(isRecord) : [];
  const actualRows = numberOf(raw['Actual Rows']);
  const node: PlanNode = {
    type: String(raw['Node Type']),
    relation: stringOf(raw['Relation Name']),
    index: stringOf(raw['Index Name']),
    plannedRows: numberOf(raw['Plan Rows']) ?? 0,
    actualRows:
      actualRows === undefined
        ? undefined
        : Math.round(actualRows * (numberOf(raw['Actual Loops']) ?? 1)),
    heapFetches: numberOf(raw['Heap Fetches']),
    depth,
    raw,
  };
  return [node, ...children.flatMap((child) => flatten(child, depth + 1))];
}

function describe(node: PlanNode): string {
  const place = [node.relation, node.index].filter((name) => name !== undefined).join(' by ');
  const rows = node.actualRows ?? node.plannedRows;
  return `${'  '.repeat(node.depth)}${node.type}${place === '' ? '' : ` on ${place}`} (${rows} rows)`;
}

/** A value as EXECUTE takes it; its type is the parameter's. */
function toLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return escapeLiteral(toText(value));
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (Array.isArray(value)) return `{${value.map(toArrayItem).join(',')}}`;
  return JSON.stringify(value);
}

function toArrayItem(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return `"${toText(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function sumOf(one: unknown, other: unknown): number | undefined {
  const [first, second] = [numberOf(one), numberOf(other)];
  return first === undefined || second === undefined ? undefined : first + second;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
