import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  /** Of the text with Unix line ends, so that a checkout on Windows is no change. */
  readonly sha256: string;
}

const NAME = /^\d{4}_[a-z0-9_]+\.sql$/;

/** The folder of the migrations that this code was made with. */
export const migrationsFolder = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Every migration of a folder in the order of their numbers. Throws on a file that is not named like one. */
export async function readMigrationFiles(folder: string): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const misnamed = names.find((name) => !NAME.test(name));
  if (misnamed !== undefined) throw new TypeError(`the migration \`${misnamed}\` is misnamed`);
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
