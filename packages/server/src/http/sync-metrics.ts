import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Db } from '../database/index.ts';
import { readSyncStatus, type Sync, type SyncHealth, type SyncStatus } from '../sync/index.ts';

const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** What is read from the database is read once for all gauges, and not by every scraper at once. */
const READ_EVERY_MS = 5_000;
/** All processes read the same rows: added up they would be counted once for each process. */
const aggregator = 'first';

/** Adds what tells how keeping WorkOS equal is doing. Labels are closed words and routes, never ids. */
export function addSyncMetrics(registry: Registry, db: Db, sync: Sync): void {
  addCallMetrics(registry, sync);
  const read = readTogether(db, sync);
  addStatusGauges(registry, read);
  addGateGauges(registry, read);
}

function addCallMetrics(registry: Registry, sync: Sync): void {
  const registers = [registry];
  const calls = new Histogram({
    name: 'rolecall_workos_call_duration_seconds',
    help: 'Calls to WorkOS from sending to the answer; the outcome is `ok` or the class of the failure',
    labelNames: ['call', 'outcome'],
    buckets,
    registers,
  });
  const waits = new Histogram({
    name: 'rolecall_workos_call_wait_seconds',
    help: 'How long calls waited for the shared budget',
    labelNames: ['lane'],
    buckets,
    registers,
  });
  const failures = new Counter({
    name: 'rolecall_sync_interruptions_total',
    help: 'How often work in the background could not go on, by what it was',
    labelNames: ['doing'],
    registers,
  });
  sync.listen({
    called: ({ call, outcome, lane, waitedMs, tookMs }) => {
      calls.observe({ call, outcome }, tookMs / 1_000);
      waits.observe({ lane }, waitedMs / 1_000);
    },
    failed: ({ doing }) => {
      failures.inc({ doing });
    },
  });
}

interface Reading {
  readonly status: SyncStatus;
  readonly health: SyncHealth;
}

type Read = () => Promise<Reading | undefined>;

/** Nothing while the database is away: the gauges then show nothing, and the rest of the page is there. */
function readTogether(db: Db, sync: Sync): Read {
  let reading: Promise<Reading | undefined> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (reading === undefined || now > until) {
      until = now + READ_EVERY_MS;
      reading = Promise.all([readSyncStatus(db), sync.readHealth()]).then(
        ([status, health]) => ({ status, health }),
        () => undefined,
      );
    }
    return reading;
  };
}

function addStatusGauges(registry: Registry, read: Read): void {
  const registers = [registry];
  new Gauge({
    name: 'rolecall_sync_entities',
    help: 'Entities by state',
    labelNames: ['state'],
    aggregator,
    registers,
    async collect() {
      this.reset();
      const { status } = (await read()) ?? {};
      for (const [state, count] of Object.entries(status?.entities ?? {}))
        this.set({ state }, count);
    },
  });
  const add = (name: string, help: string, valueOf: (status: SyncStatus) => number): void => {
    new Gauge({
      name,
      help,
      aggregator,
      registers,
      async collect() {
        const reading = await read();
        this.set(reading === undefined ? Number.NaN : valueOf(reading.status));
      },
    });
  };
  add('rolecall_sync_pending', 'Changes made here that WorkOS has not confirmed', (s) => s.pending);
  add(
    'rolecall_sync_oldest_pending_seconds',
    'Age of the oldest of them; 0 when there is none',
    (s) => (s.oldestPendingMs ?? 0) / 1_000,
  );
  add('rolecall_sync_marked', 'Things of WorkOS that are to be looked at', (s) => s.marked);
  add(
    'rolecall_sync_cursor_age_seconds',
    'Since the stream of events was last read to its end; NaN before the first time',
    (s) => (s.cursorAgeMs === null ? Number.NaN : s.cursorAgeMs / 1_000),
  );
  add(
    'rolecall_sync_drift',
    'What is known to differ and does not become equal by itself',
    (s) => s.drift,
  );
  add('rolecall_sync_parked_events', 'Events that wait for an organization', (s) => s.parkedEvents);
  add(
    'rolecall_sync_quarantined_events',
    'Events that could not be processed',
    (s) => s.quarantinedEvents,
  );
}

function addGateGauges(registry: Registry, read: Read): void {
  const registers = [registry];
  new Gauge({
    name: 'rolecall_workos_budget_left',
    help: 'Calls that may be sent at once, by the limit that counts them',
    labelNames: ['limit'],
    aggregator,
    registers,
    async collect() {
      this.reset();
      const { health } = (await read()) ?? {};
      if (health === undefined) return;
      this.set({ limit: 'all' }, health.left.all);
      this.set({ limit: 'user_reads' }, health.left.userReads);
      this.set({ limit: 'user_writes' }, health.left.userWrites);
    },
  });
  new Gauge({
    name: 'rolecall_workos_circuit',
    help: '1 for the state of the circuit: closed, open (WorkOS is away) or refused (the key is)',
    labelNames: ['state'],
    aggregator,
    registers,
    async collect() {
      this.reset();
      const { health } = (await read()) ?? {};
      if (health === undefined) return;
      for (const state of ['closed', 'open', 'refused']) {
        this.set({ state }, Number(health.circuit === state));
      }
    },
  });
}
