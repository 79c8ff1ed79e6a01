import type { WorkosConnection } from '@rolecall/server';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { findRunning } from '../../running.ts';
import type { Session } from '../../session/index.ts';

/**
 * The WorkOS that the environment names, or else the one that the process on the data folder simulates. Throws a
 * `CliError` when there is neither.
 */
export async function requireWorkos(session: Session): Promise<WorkosConnection> {
  const { connectionOf } = await import('../../process/workos-connection.ts');
  const config = session.config();
  const named = connectionOf(config);
  if (named !== undefined) return named;
  const simulated =
    config.databaseUrl === undefined
      ? (await findRunning(config.dataDirectory))?.simulatedWorkos
      : undefined;
  if (simulated !== undefined) return { apiKey: simulated.key, apiUrl: simulated.url };
  throw new CliError(exitCodes.usage, 'usage', 'this needs WORKOS_API_KEY', {
    advice: 'set it to the key of the environment that this database is kept equal with',
  });
}
