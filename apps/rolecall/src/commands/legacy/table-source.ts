import { Client, escapeIdentifier } from 'pg';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';

/** A row of a table of grants by principal, as it is there. */
export interface TableRow {
  readonly organization_id: string;
  readonly principal_urn: string | null;
  readonly scope: string | null;
  readonly effect: string | null;
  readonly selectors: unknown;
}

const AT_ONCE = 5_000;

/**
 * The rows of a table in another PostgreSQL, by organization, some thousands at a time and never of two
 * organizations at once; all of one snapshot. Throws a `CliError` when the table cannot be read.
 */
export async function* readTable(
  url: string,
  table: string,
): AsyncGenerator<readonly TableRow[], void> {
  const client = new Client({
    connectionString: url,
    application_name: 'rolecall legacy import',
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener, a connection that is cut off would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await client.query(`DECLARE source NO SCROLL CURSOR FOR
      SELECT organization_id::text, principal_urn::text, scope::text, effect::text, selectors::jsonb
        FROM ${table.split('.').map(escapeIdentifier).join('.')} ORDER BY organization_id`);
    for (;;) {
      const { rows } = await client.query<TableRow>(`FETCH ${AT_ONCE} FROM source`);
      if (rows.length === 0) return;
      yield* byOrganization(rows);
    }
  } catch (error) {
    throw asSourceError(error, table);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function byOrganization(rows: readonly TableRow[]): readonly (readonly TableRow[])[] {
  return [...Map.groupBy(rows, (row) => row.organization_id).values()];
}

function asSourceError(error: unknown, table: string): unknown {
  if (!(error instanceof Error) || error.name === 'RolecallError') return error;
  if (!('code' in error)) return error;
  return new CliError(exitCodes.refused, 'source_unreadable', `\`${table}\` cannot be read`, {
    advice: error.message,
    cause: error,
  });
}
