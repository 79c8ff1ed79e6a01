/** What is done at set times, by one process of all. Times are UTC, as cron has them. */
export interface Timer {
  readonly name: string;
  readonly cron: string;
  readonly run: () => Promise<void>;
}

export interface TimersOptions {
  readonly url: string;
  readonly timers: readonly Timer[];
  readonly failed: (error: unknown) => void;
}

/** Timers that are running; `close` waits for what is being done. */
export interface Timers {
  readonly close: () => Promise<void>;
}

/** The schema of pg-boss's own tables. */
const SCHEMA = 'rolecall_timers';

/** Starts timers that all processes of a database share: each time is kept once, whoever is there. */
export async function startTimers({ url, timers, failed }: TimersOptions): Promise<Timers> {
  // Loaded here, because a process without timers has no use for it.
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    connectionString: url,
    schema: SCHEMA,
    max: 2,
    application_name: 'rolecall timers',
  });
  boss.on('error', failed);
  await boss.start();
  for (const { name, cron, run } of timers) {
    // A time that comes while the last one is still being worked on is left out, not queued.
    await boss.createQueue(name, { policy: 'exclusive', retryLimit: 0, expireInSeconds: 60 });
    await boss.schedule(name, cron, null, { tz: 'UTC' });
    await boss.work(name, { pollingIntervalSeconds: 5 }, async () => {
      await run().catch(failed);
    });
  }
  return {
    close: () => boss.stop({ graceful: true, timeout: 5_000 }),
  };
}
