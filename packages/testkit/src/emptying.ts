import { type Client } from 'pg';
import { quoteIdentifier } from './admin-connection.ts';

/** Emptying more than that costs more than a new copy does. */
const MOST_BYTES = 8 * 2 ** 20;

/** What a test may change besides rows. Statistics are among it, for they decide about plans. */
const CATALOGS = [
  'pg_class',
  'pg_attribute',
  'pg_proc',
  'pg_trigger',
  'pg_constraint',
  'pg_namespace',
  'pg_extension',
  'pg_statistic',
];

/** How many entries they have together, and how many of these were written in a transaction or after it. */
const countEntries = (since: string): string =>
  `SELECT sum(entries)::int AS entries, sum(written)::int AS written FROM (${CATALOGS.map(
    (catalog) =>
      `SELECT count(*) AS entries, count(*) FILTER (WHERE xmin::text::bigint >= ${since}) AS written FROM ${catalog}`,
  ).join(' UNION ALL ')}) counted`;

/**
 * Gives a migrated database the function `testkit.empty(since)`, which brings back the rows that the migrations
 * left and answers `true`. It answers `false` and does nothing where that is not enough: when anything but rows was
 * changed in the transaction `since` or after it, or when there is so much that a copy of the template is cheaper.
 */
export async function installEmptying(client: Client): Promise<void> {
  await client.query('CREATE SCHEMA testkit; CREATE TABLE testkit.catalogs (entries int)');
  const tables = await tablesOf(client);
  const seeded: TableColumns[] = [];
  for (const table of tables) {
    const { rows } = await client.query(`SELECT FROM rolecall.${table.name} LIMIT 1`);
    if (rows.length === 0) continue;
    await client.query(
      `CREATE TABLE testkit.${table.name} AS SELECT * FROM rolecall.${table.name}`,
    );
    seeded.push(table);
  }
  await client.query(`CREATE FUNCTION testkit.empty(since bigint) RETURNS boolean LANGUAGE plpgsql
    SET session_replication_role = replica SET lock_timeout = '1s' AS $$
    BEGIN
      IF EXISTS (SELECT FROM (${countEntries('since')}) now, testkit.catalogs before
          WHERE now.entries <> before.entries OR now.written > 0)
        OR EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
          WHERE d.datname = current_database())
        OR (SELECT sum(pg_relation_size(oid)) FROM pg_class
          WHERE relnamespace = 'rolecall'::regnamespace AND relkind = 'r') > ${MOST_BYTES}
      THEN RETURN false; END IF;
      ${tables.map(empty).join('\n')}
      ${seeded.map(fill).join('\n')}
      PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)
        FROM pg_sequences WHERE schemaname = 'rolecall';
      RETURN true;
    END $$`);
  await client.query(
    `INSERT INTO testkit.catalogs SELECT entries FROM (${countEntries('0')}) counted`,
  );
}

/** DELETE and not TRUNCATE: the connections go on knowing the table, and keep the plans of their statements. */
function empty({ name }: TableColumns): string {
  return `DELETE FROM rolecall.${name};`;
}

function fill({ name, columns }: TableColumns): string {
  return `INSERT INTO rolecall.${name} (${columns}) OVERRIDING SYSTEM VALUE
    SELECT ${columns} FROM testkit.${name};`;
}

interface TableColumns {
  readonly name: string;
  /** Those that are written, not computed. */
  readonly columns: string;
}

/** The tables of Rolecall, partitions with their whole; their names are quoted. */
async function tablesOf(client: Client): Promise<readonly TableColumns[]> {
  const { rows } = await client.query<{ name: string; columns: readonly string[] }>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
         AND NOT a.attisdropped AND a.attgenerated = ''
       WHERE c.relnamespace = 'rolecall'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       GROUP BY c.oid ORDER BY 1`,
  );
  return rows.map(({ name, columns }) => ({
    name: quoteIdentifier(name),
    columns: columns.map(quoteIdentifier).join(', '),
  }));
}
