import { openDatabase } from '@rolecall/server/database';
import { type MakeRunner } from '../runner/index.ts';
import { openHurriedWorkos } from './hurried-workos.ts';

/** Runs a runner in this process, on the addresses that its arguments name, until SIGTERM or its parent ends it. */
export async function runProgram(make: MakeRunner): Promise<void> {
  const [url = '', apiUrl = '', apiKey = ''] = process.argv.slice(2);
  const database = openDatabase({ url, maxConnections: 6 });
  const { db } = database;
  const workos = openHurriedWorkos({ db, apiKey, apiUrl });
  const runner = make({ db, url, workos, report: () => undefined });
  const end = async (): Promise<void> => {
    await runner.close();
    await workos.close();
    await database.close();
    process.disconnect();
  };
  process.once('SIGTERM', () => void end());
  process.once('disconnect', () => process.exit());
  await runner.start();
  process.send?.('ready');
}
