import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { type Access } from '../access/index.ts';
import { type DecisionLog } from '../decisions/index.ts';
import { type Database } from '../database/index.ts';
import { addAccessMetrics } from './access-metrics.ts';
import { type Sync } from '../sync/index.ts';
import { addSyncMetrics } from './sync-metrics.ts';
import { addDecisionLogMetrics } from './decision-log-metrics.ts';
import { RequestDurations, type RequestLabels } from './request-durations.ts';

/** The figures of one process, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry;
  /** The text of `/metrics`. */
  readonly page: () => Promise<string>;
  /** One request, by the template of its route. */
  readonly observeRequest: (labels: RequestLabels, seconds: number) => void;
  /** Decisions that were answered. */
  readonly countDecisions: (question: Question, allowed: number, denied: number) => void;
  /** One webhook, by what became of it. */
  readonly countWebhook: (outcome: WebhookOutcome) => void;
}

/** What became of a webhook; anything but the first two was refused. */
export type WebhookOutcome = 'accepted' | 'repeated' | 'rate_limited' | Doubt;
type Doubt = Exclude<
  ReturnType<NonNullable<Sync['receive']>>,
  { readonly accepted: true }
>['doubt'];

export type Question = 'check' | 'filter' | 'explain';

export interface MetricsOptions {
  readonly version: string;
  readonly database: Database;
  readonly access: Access;
  readonly sync?: Sync;
  /** The log that is written beside it, if one is. */
  readonly decisions?: DecisionLog;
  /** Also memory, event loop and garbage collection of the process; for the one that owns it. */
  readonly ofProcess?: boolean;
  /** Writes the page instead, where this process is one of several that are one to whoever looks. */
  readonly page?: () => Promise<string>;
}

/** Makes the figures that `/metrics` shows. Labels are route templates and closed words, never ids. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.ofProcess === true) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'rolecall_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers,
  }).set({ version: options.version, node: process.version }, 1);
  const requests = new RequestDurations(registers);
  const decisions = new Counter({
    name: 'rolecall_decisions_total',
    help: 'Decisions answered over HTTP',
    labelNames: ['question', 'answer'],
    registers,
  });
  const webhooks = new Counter({
    name: 'rolecall_workos_webhooks_total',
    help: 'Webhooks received, by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  if (options.sync !== undefined) addSyncMetrics(registry, options.database.db, options.sync);
  addPoolGauges(registry, options.database);
  addAccessMetrics(registry, options.access);
  if (options.decisions !== undefined) addDecisionLogMetrics(registry, options.decisions);
  return {
    registry,
    page: options.page ?? (() => registry.metrics()),
    observeRequest: (labels, seconds) => {
      requests.observe(labels, seconds);
    },
    countDecisions: (question, allowed, denied) => {
      if (allowed > 0) decisions.inc({ question, answer: 'allowed' }, allowed);
      if (denied > 0) decisions.inc({ question, answer: 'denied' }, denied);
    },
    countWebhook: (outcome) => {
      webhooks.inc({ outcome });
    },
  };
}

function addPoolGauges(registry: Registry, { pool }: Database): void {
  new Gauge({
    name: 'rolecall_database_connections',
    help: 'Connections to PostgreSQL by what they do',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
    },
  });
  new Gauge({
    name: 'rolecall_database_waiting_requests',
    help: 'Statements that wait for a free connection',
    registers: [registry],
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
