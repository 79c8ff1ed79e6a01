import type { Legacy } from '@rolecall/server';
import type { Session } from '../../session/index.ts';
import { createSteps } from '../../output/index.ts';

/**
 * Works on the database itself, as whoever can reach it may: what `rolecall legacy` does concerns the whole
 * environment, and may take longer than a request.
 */
export async function withLegacy<T>(
  session: Session,
  work: (legacy: Legacy) => Promise<T>,
): Promise<T> {
  const { createRolecall } = await import('@rolecall/server');
  const { openDatabase } = await import('@rolecall/server/database');
  const { reachDatabase, requireMigrations } = await import('../../database/index.ts');
  const { loadPolicy } = await import('../../policy-file.ts');
  const { policy } = await loadPolicy(session.world.directory, undefined);
  const reached = await createSteps(session.output).run(
    'Reaching the database',
    (say) => reachDatabase(session.config(), { create: false, say }),
    () => undefined,
  );
  try {
    await requireMigrations(reached.url);
    const database = openDatabase({
      url: reached.url,
      applicationName: 'rolecall legacy',
      maxConnections: 2,
      statementTimeoutMs: 0,
    });
    const rolecall = createRolecall({ database, policy });
    try {
      return await work(rolecall.legacy);
    } finally {
      await rolecall.close();
      await database.close();
    }
  } finally {
    await reached.release();
  }
}
