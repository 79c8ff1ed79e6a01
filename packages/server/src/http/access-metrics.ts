import { type Aggregator, Counter, Gauge, type Registry } from 'prom-client';
import { type Access, type AccessReport } from '../access/index.ts';

/** One figure: its value, or its values by what its label says. */
interface Figure {
  readonly name: string;
  readonly help: string;
  /** How the figures of several workers make one. */
  readonly aggregator: Aggregator;
  readonly read: (report: AccessReport) => number;
}

interface Figures extends Omit<Figure, 'read'> {
  readonly label: string;
  readonly read: (report: AccessReport) => Readonly<Record<string, number>>;
}

const single: readonly Figure[] = [
  {
    name: 'rolecall_access_memory_bytes',
    help: 'What the states held in memory take',
    aggregator: 'sum',
    read: ({ memory }) => memory.bytes,
  },
  {
    name: 'rolecall_access_memory_limit_bytes',
    help: 'What the states held in memory may take',
    aggregator: 'sum',
    read: ({ memory }) => memory.maxBytes,
  },
  {
    name: 'rolecall_access_staleness_seconds',
    help: 'Age of the last confirming poll; NaN before the first',
    aggregator: 'max',
    read: ({ freshness }) => (freshness.stalenessMs ?? Number.NaN) / 1_000,
  },
  {
    name: 'rolecall_access_bound_seconds',
    help: 'How old an answer from memory may be',
    aggregator: 'max',
    read: ({ freshness }) => freshness.boundMs / 1_000,
  },
  {
    name: 'rolecall_access_confirmed',
    help: '1 while answers come from memory, 0 while every question reads the database',
    aggregator: 'min',
    read: ({ freshness }) => Number(freshness.confirmed),
  },
  {
    name: 'rolecall_access_listening',
    help: '1 while changes are announced, 0 while they are found by polling alone, as behind a pooler',
    aggregator: 'min',
    read: ({ freshness }) => Number(freshness.notifications === 'listening'),
  },
];

const held: Figures = {
  name: 'rolecall_access_held',
  help: 'States held in memory',
  label: 'what',
  aggregator: 'sum',
  read: ({ memory: { organizations, roles, principals, apiKeys } }) => ({
    organizations,
    roles,
    principals,
    api_keys: apiKeys,
  }),
};

const totals: readonly Figures[] = [
  {
    name: 'rolecall_access_reads_total',
    help: 'Questions answered from memory, statements that loaded into it, and reads past it',
    label: 'from',
    aggregator: 'sum',
    read: ({ memory }) => ({
      memory: memory.hits,
      load: memory.loads,
      read_through: memory.readThroughs,
    }),
  },
  {
    name: 'rolecall_access_polls_total',
    help: 'Polls for changes, by their outcome',
    label: 'outcome',
    aggregator: 'sum',
    read: ({ freshness }) => ({ done: freshness.polls, failed: freshness.failedPolls }),
  },
  {
    name: 'rolecall_access_evictions_total',
    help: 'What memory let go of for want of room',
    label: 'what',
    aggregator: 'sum',
    read: ({ memory }) => ({ principals: memory.evictions }),
  },
];

/** Adds what is held in memory, and how fresh it is. */
export function addAccessMetrics(registry: Registry, access: Access): void {
  const registers = [registry];
  for (const { name, help, aggregator, read } of single) {
    new Gauge({
      name,
      help,
      aggregator,
      registers,
      collect() {
        this.set(read(access.report()));
      },
    });
  }
  const { name, help, label, aggregator, read } = held;
  new Gauge({
    name,
    help,
    aggregator,
    labelNames: [label],
    registers,
    collect() {
      for (const [word, value] of Object.entries(read(access.report()))) {
        this.set({ [label]: word }, value);
      }
    },
  });
  for (const total of totals) addTotal(registry, access, total);
}

function addTotal(
  registry: Registry,
  access: Access,
  { name, help, label, aggregator, read }: Figures,
): void {
  new Counter({
    name,
    help,
    aggregator,
    labelNames: [label],
    registers: [registry],
    collect() {
      // What is counted elsewhere is taken over whole.
      this.reset();
      for (const [word, value] of Object.entries(read(access.report()))) {
        this.inc({ [label]: word }, value);
      }
    },
  });
}
