import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

interface ForeignKey {
  readonly name: string;
  readonly table_name: string;
  readonly columns: readonly string[];
}

interface Index {
  readonly table_name: string;
  readonly columns: readonly string[];
  readonly predicate: string | null;
}

/** Tables that belong to no single organization, and why. */
const NOT_OF_ONE_TENANT: Readonly<Record<string, string>> = {
  api_key_changes: 'a key may be for the whole environment',
  api_keys: 'a key may be for the whole environment, and is found by its hash',
  decision_settings: 'of the whole environment',
  environment: 'the database itself',
  environment_audit_events: 'what concerns no organization',
  global_roles: 'every organization has them',
  idempotency_keys: 'looked up by API key before an organization is known',
  migrations: 'the database itself',
  organizations: 'its key is the organization',
  sync_cursors: 'of the whole environment',
  sync_environment_marks: 'what belongs to no single organization',
  sync_inbox: 'an event may be about an organization that is not known',
  sync_settings: 'of the whole environment',
  users: 'a person may be in several organizations',
  workos_environment: 'of the whole environment',
  workos_gate: 'of the whole environment',
};

/** Foreign keys without an index on the referencing side, and why. */
const NOT_INDEXED: Readonly<Record<string, string>> = {};

describe('the catalog', () => {
  it('keys every tenant table by organization first', async () => {
    const rows = await query<{ table_name: string; first: string }>(test.db, {
      text: `
        SELECT c.relname AS table_name, a.attname AS first
          FROM pg_class c
          LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
          LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
          WHERE c.relnamespace = 'rolecall'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
    });
    const others = rows
      .filter((row) => row.first !== 'organization_id')
      .map((row) => row.table_name);
    expect(others).toEqual(Object.keys(NOT_OF_ONE_TENANT));
  });

  it('keeps every tenant table to organizations that exist', async () => {
    const rows = await query<{ table_name: string }>(test.db, {
      text: `
        SELECT a.attrelid::regclass::text AS table_name FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
          WHERE c.relnamespace = 'rolecall'::regnamespace AND a.attname = 'organization_id'
            AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid
              AND k.contype = 'f' AND k.conkey[1] = a.attnum)`,
    });
    expect(rows).toEqual([]);
  });

  it('never lets a foreign key between tenant tables cross organizations', async () => {
    const rows = await query<{ name: string }>(test.db, {
      text: `
        SELECT k.conname AS name FROM pg_constraint k
          JOIN pg_attribute near ON near.attrelid = k.conrelid AND near.attname = 'organization_id'
          JOIN pg_attribute far ON far.attrelid = k.confrelid AND far.attname = 'organization_id'
          WHERE k.contype = 'f' AND k.connamespace = 'rolecall'::regnamespace
            AND (k.conkey[1] <> near.attnum OR k.confkey[1] <> far.attnum)`,
    });
    expect(rows).toEqual([]);
  });

  it('covers every foreign key by an index on the referencing side', async () => {
    const foreignKeys = await query<ForeignKey>(test.db, {
      text: `
        SELECT conname AS name, conrelid::regclass::text AS table_name, (
            SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS k (number, place)
              JOIN pg_attribute ON attrelid = conrelid AND attnum = number) AS columns
          FROM pg_constraint WHERE contype = 'f' AND connamespace = 'rolecall'::regnamespace`,
    });
    const indexes = await query<Index>(test.db, {
      text: `
        SELECT indrelid::regclass::text AS table_name, pg_get_expr(indpred, indrelid) AS predicate, (
            SELECT array_agg(coalesce(attname::text, '(expression)') ORDER BY place)
              FROM unnest(indkey::int2[]) WITH ORDINALITY AS k (number, place)
              LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number
              WHERE place <= indnkeyatts) AS columns
          FROM pg_index i
          JOIN pg_class c ON c.oid = i.indexrelid
          JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
          WHERE c.relnamespace = 'rolecall'::regnamespace`,
    });
    const uncovered = foreignKeys.filter((key) => !indexes.some((index) => covers(index, key)));
    expect(uncovered.map((key) => key.name)).toEqual(Object.keys(NOT_INDEXED));
    expect(foreignKeys.length).toBeGreaterThan(15);
  });

  it('keeps times that a page is ordered by to the millisecond, as they are shown', async () => {
    const rows = await query<{ definition: string }>(test.db, {
      text: `
        SELECT c.relname || '.' || a.attname AS definition
          FROM pg_class c
          JOIN pg_index i ON i.indrelid = c.oid
          JOIN pg_class p ON p.oid = i.indexrelid AND p.relname LIKE '%\\_page'
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            AND a.atttypid = 'timestamptz'::regtype
          WHERE c.relnamespace = 'rolecall'::regnamespace
            AND format_type(a.atttypid, a.atttypmod) <> 'timestamp(3) with time zone'`,
    });
    expect(rows).toEqual([]);
  });
});

/** The columns that an index begins with hold those of the key, but for the constant `…_live` ones. */
function covers(index: Index, key: ForeignKey): boolean {
  if (index.table_name !== key.table_name) return false;
  const wanted = key.columns.filter(
    (column) => !column.endsWith('_live') && column !== 'joined_at',
  );
  const first = index.columns.slice(0, wanted.length);
  const sameColumns = wanted.every((column) => first.includes(column));
  // A strict comparison with the column implies IS NOT NULL, so such a partial index serves it.
  const partial = wanted.some((column) => index.predicate === `(${column} IS NOT NULL)`);
  return sameColumns && (index.predicate === null || partial);
}
