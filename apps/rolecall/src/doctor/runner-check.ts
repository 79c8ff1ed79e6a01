import type { Config } from '../config.ts';
import { CliError } from '../cli-error.ts';
import { loadTemporal } from '../temporal.ts';
import { type Finding, fail, ok } from './finding.ts';

/** Says what wakes the work up, and whether it answers. */
export async function checkRunner({ runner }: Config): Promise<Finding> {
  if (runner.kind === 'postgres') return ok('runner', 'postgres');
  const { address, namespace } = runner.connection;
  const where = `Temporal at ${address}, namespace ${namespace}`;
  try {
    const { reachTemporal } = await loadTemporal();
    const { version } = await reachTemporal(runner.connection);
    return ok('runner', `${where}, server ${version}`);
  } catch (error) {
    if (error instanceof CliError) return fail('runner', error.message, error.advice ?? '');
    return fail(
      'runner',
      `${where} does not answer: what is to be done waits in PostgreSQL`,
      'start it, or set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE to one that does',
    );
  }
}
