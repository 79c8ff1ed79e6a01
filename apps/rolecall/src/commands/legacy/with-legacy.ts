import type { Legacy } from '@rolecall/server';
import type { Session } from '../../session/index.ts';

/**
 * Works on the database itself, as whoever can reach it may: what `rolecall legacy` does concerns the whole
 * environment, and may take longer than a request.
 */
export async function withLegacy<T>(
  session: Session,
  work: (legacy: Legacy) => Promise<T>,
): Promise<T> {
  const { withDatabase } = await import('../with-database.ts');
  const { loadPolicy } = await import('../../policy-file.ts');
  const { policy } = await loadPolicy(session.world.directory, undefined);
  return withDatabase(session, ({ legacy }) => work(legacy), { policy, statementTimeoutMs: 0 });
}
