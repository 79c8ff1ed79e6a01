import type { MakeRunner } from '@rolecall/server';
import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemporal } from '../temporal.ts';

type Runner = Pick<Config, 'runner'>;

/**
 * What wakes the work up, as the environment has it; nothing means PostgreSQL alone. Temporal's part is loaded only
 * here. Throws a `CliError` when it is not installed.
 */
export async function runnerFor({ runner }: Runner): Promise<MakeRunner | undefined> {
  if (runner.kind === 'postgres') return undefined;
  const { connection, taskQueue } = runner;
  const { temporalRunner } = await loadTemporal();
  return temporalRunner({ connection, ...(taskQueue !== undefined && { taskQueue }) });
}

/**
 * Makes sure that Temporal answers, where the work is woken up by it. Throws a `CliError` that names the address, when
 * it does not.
 */
export async function requireRunner({ runner }: Runner): Promise<void> {
  if (runner.kind === 'postgres') return;
  const { reachTemporal } = await loadTemporal();
  const { address, namespace } = runner.connection;
  try {
    await reachTemporal(runner.connection);
  } catch (error) {
    const message = `no Temporal with the namespace \`${namespace}\` answers at \`${address}\``;
    throw new CliError(exitCodes.unreachable, 'temporal_unreachable', message, {
      advice:
        'set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE to one that does, try `temporal server start-dev`, ' +
        'or leave ROLECALL_RUNNER unset',
      cause: error,
    });
  }
}
