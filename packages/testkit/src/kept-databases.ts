import { type Database } from '@rolecall/server/database';

/** A database that a test had, empty again. */
export interface KeptDatabase {
  readonly name: string;
  readonly database: Database;
  readonly maxConnections: number;
  /** The first transaction after it was made. */
  readonly since: string;
}

/**
 * Databases that were emptied, for the next tests of this process, with their connections. These know the tables
 * and have planned the statements by then, and that is half of what a short test costs.
 */
const kept: KeptDatabase[] = [];

/** Each keeps some connections open. */
const MOST_KEPT = 4;

/** Empties a database and keeps it; tells whether it did. One that cannot be emptied is left as it is. */
export async function keepDatabase(one: KeptDatabase): Promise<boolean> {
  const { pool } = one.database;
  if (kept.length >= MOST_KEPT || pool.ending || pool.ended) return false;
  try {
    const { rows } = await pool.query<{ readonly emptied: boolean }>(
      'SELECT testkit.empty($1) AS emptied',
      [one.since],
    );
    if (rows[0]?.emptied !== true) return false;
  } catch {
    return false;
  }
  kept.push(one);
  return true;
}

/** Takes a database that was kept, if there is one. */
export function takeKeptDatabase(maxConnections: number): KeptDatabase | undefined {
  const index = kept.findLastIndex((one) => one.maxConnections === maxConnections);
  return index < 0 ? undefined : kept.splice(index, 1)[0];
}
