import { CliError } from '../cli-error.ts';
import type { Config } from '../config.ts';
import { exitCodes } from '../exit-codes.ts';
import { type HttpServer, listen } from './http-server.ts';
import { findRunning } from '../running.ts';

/**
 * Takes the address to listen on. When it is taken by the Rolecall that runs on the same data folder, that
 * is said, and not that some process has the port.
 */
export async function takeAddress(config: Config): Promise<HttpServer> {
  try {
    return await listen(config);
  } catch (error) {
    if (!(error instanceof CliError) || config.databaseUrl !== undefined) throw error;
    const running = await findRunning(config.dataDirectory);
    if (running === undefined || portOf(running.url) !== config.port) throw error;
    throw await alreadyRunning(config, error);
  }
}

/** The error of a second start on one data folder, with the address of the first. */
export async function alreadyRunning(config: Config, cause: unknown): Promise<CliError> {
  const running = await findRunning(config.dataDirectory);
  const where = running === undefined ? '' : `, as process ${running.pid} at ${running.url}`;
  return new CliError(
    exitCodes.dataDirectoryInUse,
    'data_directory_in_use',
    `a Rolecall already runs on \`${config.dataDirectory}\`${where}`,
    { advice: 'use that one, stop it, or choose another folder with ROLECALL_DATA_DIR', cause },
  );
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
