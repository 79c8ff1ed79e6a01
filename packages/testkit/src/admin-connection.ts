import { Client, escapeIdentifier } from 'pg';

/** A connection to the server's own database, for making and dropping others. */
export async function connectAdmin(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'rolecall testkit' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The same server, another database. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}

/** A name as SQL writes it. */
export function quoteIdentifier(name: string): string {
  return escapeIdentifier(name);
}
