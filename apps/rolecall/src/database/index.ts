/** Where the database is: the one of DATABASE_URL, or the embedded one of a data folder. */
export { embeddedExists, startEmbedded } from './embedded.ts';
export { reachDatabase, type ReachedDatabase } from './reach-database.ts';
export { requireMigrations } from './require-migrations.ts';
