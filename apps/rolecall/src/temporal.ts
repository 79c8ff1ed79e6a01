import type * as Temporal from '@rolecall/temporal-runner';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

/** Loads the part that is not there unless somebody wanted it. Throws a `CliError` that says how to get it. */
export async function loadTemporal(
  load: () => Promise<typeof Temporal> = () => import('@rolecall/temporal-runner'),
): Promise<typeof Temporal> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new CliError(
      exitCodes.usage,
      'temporal_not_installed',
      'the runner `temporal` is not installed',
      { advice: `install it with: npm install @rolecall/temporal-runner@${version}`, cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'ERR_MODULE_NOT_FOUND' && /@(rolecall|temporalio)\//.test(error.message);
}
