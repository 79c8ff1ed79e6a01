import { writeFile } from 'node:fs/promises';
import { listSchema, openDatabase, runMigrations } from '@rolecall/server/database';
import { startOwnServer } from './own-server.ts';

/** Rewrites the committed listing of the schema. Run by `npm run schema`. */
const file = new URL('../../server/src/database/schema.sql', import.meta.url);
const server = await startOwnServer();
try {
  await runMigrations(server.url);
  const database = openDatabase({ url: server.url });
  await writeFile(file, await listSchema(database.db));
  await database.close();
} finally {
  await server.close();
}
