import { builtinPolicy } from '@rolecall/policy';
import { type Db, query } from '@rolecall/server/database';
import {
  createManualClock,
  createSimulator,
  type ManualClock,
  type SimulatorHandler,
} from '@rolecall/workos-simulator';
import { type CommandContext } from '../../../src/roles/index.ts';
import { createWebhookReceiver, type WebhookReceiver } from '../../../src/sync/index.ts';
import { type FireDatabase } from './fire-database.ts';
import { type Hazard } from './hazards.ts';
import { History } from './history.ts';
import { createRandom, type Random } from './random.ts';
import { type Schedule } from './schedule.ts';
import { Turnstile } from './turnstile.ts';

/** An organization on both sides. */
export interface Site {
  readonly id: string;
  readonly name: string;
  readonly remoteId: string;
}

/** Everything that one seed plays in. */
export interface Arena {
  readonly schedule: Schedule;
  readonly db: Db;
  readonly databaseUrl: string;
  readonly simulator: SimulatorHandler;
  readonly clock: ManualClock;
  readonly turnstile: Turnstile;
  readonly random: Random;
  readonly context: CommandContext;
  readonly history: History;
  readonly sites: Site[];
  /** How many webhooks nobody has pulled for yet. */
  nudges: number;
  /** Whether listings lack some of what is there. */
  thinListings: boolean;
  /** Lets time pass on both sides. */
  readonly passTime: (ms: number) => Promise<void>;
  readonly rows: <Row>(text: string, ...values: readonly unknown[]) => Promise<readonly Row[]>;
  readonly reached: (hazard: Hazard) => void;
  readonly close: () => void;
}

/** After every date that this code will ever run on, because a first read of events begins an hour ago. */
const BEGINNING = Date.UTC(2100, 0, 1);

/** Opens an empty arena in an empty database. */
export function openArena(
  database: FireDatabase,
  schedule: Schedule,
  reached: (hazard: Hazard) => void,
): Arena {
  const clock = createManualClock(BEGINNING);
  const { db } = database.database;
  let newest = '';
  const simulator = createSimulator({
    seed: schedule.seed,
    clock,
    rateLimits: 'off',
    multipleRoles: schedule.beginnings.multipleRoles,
    reassignment: { delayMs: 400, batch: 2 },
    webhooks: {
      latencyMs: [0, 40],
      retryScale: 0.001,
      deliver: ({ headers, body }) => {
        const header = headers['WorkOS-Signature'] ?? null;
        const answer = receiver.receive({ header, body: new TextEncoder().encode(body) });
        const { id } = JSON.parse(body) as { readonly id: string };
        if (id < newest) reached('I3');
        else newest = id;
        if (!answer.accepted) reached('I29');
        else if (answer.repeated) reached('I2');
        return Promise.resolve(answer.accepted ? 200 : 400);
      },
    },
  });
  const receiver: WebhookReceiver = createWebhookReceiver({
    secrets: [simulator.webhookSecret],
    now: () => clock.now(),
    nudge: () => {
      arena.nudges += 1;
    },
  });
  simulator.addWebhook('https://rolecall.test/webhooks/workos');
  const arena: Arena = {
    schedule,
    db,
    databaseUrl: database.url,
    simulator,
    clock,
    turnstile: new Turnstile(),
    random: createRandom(schedule.seed ^ 0x2545f491),
    context: { actor: 'system', requestId: null, policy: builtinPolicy },
    history: new History(simulator, () => clock.now()),
    sites: [],
    nudges: 0,
    thinListings: false,
    passTime: async (ms) => {
      await query(db, { name: 'fire_pass', text: 'SELECT fire.pass_time($1)', values: [ms] });
      await clock.advance(ms);
    },
    rows: (text, ...values) => query(db, { text, values }),
    reached,
    close: () => {
      simulator.close();
    },
  };
  return arena;
}
