import type { Logger } from 'pino';

/** Brings the schema up to date, or refuses a database that is not. */
export async function settleSchema(
  databaseUrl: string,
  { migrate, log }: { readonly migrate: boolean; readonly log: Logger },
): Promise<void> {
  if (migrate) {
    const { runMigrations } = await import('@rolecall/server/database');
    log.info({ applied: await runMigrations(databaseUrl) }, 'the schema is up to date');
  } else {
    const { requireMigrations } = await import('../database/index.ts');
    await requireMigrations(databaseUrl);
  }
}
