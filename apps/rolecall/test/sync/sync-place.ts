import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { pino } from 'pino';
import { runCli } from '../../src/cli/index.ts';
import { listen } from '../../src/process/http-server.ts';
import { settleGivenKey } from '../../src/process/first-key.ts';
import { wire, type Wired } from '../../src/wire.ts';

/** How a command ended, and what it said. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A Rolecall that serves and a WorkOS with one organization, for commands to be run on. */
export interface SyncPlace {
  readonly test: TestDatabase;
  readonly simulator: Simulator;
  readonly wired: Wired;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `rolecall` with these words. */
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  /** The same with `--json`: its exit code and its one document. */
  readonly json: (
    ...args: readonly string[]
  ) => Promise<{ readonly code: number; readonly value: unknown }>;
  readonly close: () => Promise<void>;
}

const key = 'rk_a_key_for_this_test_alone_0004';

/** Opens a place in which nothing is linked yet, and whose engine has not been started. */
export async function openSyncPlace(before: (simulator: Simulator) => void): Promise<SyncPlace> {
  const test = await createTestDatabase();
  const simulator = await startSimulator({ rateLimits: 'off' });
  before(simulator);
  const wired = await wire({
    databaseUrl: test.url,
    policy: builtinPolicy,
    workos: { apiKey: simulator.apiKey, apiUrl: simulator.url },
    log: pino({ level: 'silent' }),
    isShuttingDown: () => false,
  });
  await settleGivenKey(wired.roles, key);
  const http = await listen({ host: '127.0.0.1', port: 0 });
  http.serve(wired.handler, wired.direct);
  const environment = {
    ROLECALL_URL: http.url,
    ROLECALL_API_KEY: key,
    DATABASE_URL: test.url,
    WORKOS_API_KEY: simulator.apiKey,
    WORKOS_API_URL: simulator.url,
  };
  const run: SyncPlace['run'] = async (...args) => {
    let [out, err] = ['', ''];
    const code = await runCli(args, {
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      stdin: process.stdin,
      directory: import.meta.dirname,
      environment,
    });
    return { code, out, err };
  };
  return {
    test,
    simulator,
    wired,
    environment,
    run,
    json: async (...args) => {
      const { code, out } = await run(...args, '--json');
      return { code, value: JSON.parse(out) as unknown };
    },
    close: async () => {
      await http.close(0);
      await wired.close();
      await simulator.close();
      await test.close();
    },
  };
}
