import { builtinPolicy } from '@rolecall/policy';
import { type Db, query } from '@rolecall/server/database';
import {
  createManualClock,
  createSimulator,
  type ManualClock,
  type SimulatorCore,
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

/** The side of WorkOS, and who acts there. */
export interface OtherSide {
  readonly schedule: Schedule;
  readonly simulator: SimulatorCore;
  readonly history: History;
  readonly clock: ManualClock;
  readonly sites: Site[];
  /** How late a late write may take effect; within the hour for which a call is remembered. */
  readonly late: readonly number[];
  /** Whether listings lack some of what is there. */
  thinListings: boolean;
  /** Whether one did, and whether events were forgotten before they could be read. */
  lacked: boolean;
  forgotten: boolean;
  readonly reached: (hazard: Hazard) => void;
}

/** Everything that one seed plays in. */
export interface Arena extends OtherSide {
  readonly db: Db;
  readonly databaseUrl: string;
  readonly connectionsOf: FireDatabase['connectionsOf'];
  readonly turnstile: Turnstile;
  readonly random: Random;
  readonly context: CommandContext;
  /** How many webhooks nobody has pulled for yet. */
  nudges: number;
  /** Lets time pass on both sides. */
  readonly passTime: (ms: number) => Promise<void>;
  readonly rows: <Row>(text: string, ...values: readonly unknown[]) => Promise<readonly Row[]>;
}

/** An arena in one process, whose simulator is reached without a socket. */
export interface InnerArena extends Arena {
  readonly simulator: SimulatorHandler;
}

/** After every date that this code will ever run on, because a first read of events begins an hour ago. */
export const BEGINNING = Date.UTC(2100, 0, 1);

/** How late, in a time that need not be waited for. */
export const LATE_MS: readonly number[] = [500, 8_000, 40_000, 900_000];

/** What an arena consists of around an empty database. */
export function arenaOf<Simulator extends SimulatorCore>(
  database: FireDatabase,
  parts: Pick<OtherSide, 'schedule' | 'clock' | 'late' | 'reached'> & {
    readonly simulator: Simulator;
  },
): Arena & { readonly simulator: Simulator } {
  const { db } = database.database;
  const { schedule, clock, simulator } = parts;
  return {
    ...parts,
    db,
    databaseUrl: database.url,
    connectionsOf: database.connectionsOf,
    turnstile: new Turnstile(),
    random: createRandom(schedule.seed ^ 0x2545f491),
    context: { actor: 'system', requestId: null, policy: builtinPolicy },
    history: new History(simulator, () => clock.now()),
    sites: [],
    nudges: 0,
    thinListings: false,
    lacked: false,
    forgotten: false,
    passTime: async (ms) => {
      await query(db, { name: 'fire_pass', text: 'SELECT fire.pass_time($1)', values: [ms] });
      await clock.advance(ms);
    },
    rows: (text, ...values) => query(db, { name: nameOf(text), text, values }),
  };
}

/** Statements are prepared: planning what looks at everything after each step costs more than doing it. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `fire_rows_${names.size}`;
  names.set(text, name);
  return name;
}

const names = new Map<string, string>();

/** Opens an empty arena in an empty database. */
export function openArena(
  database: FireDatabase,
  schedule: Schedule,
  reached: (hazard: Hazard) => void,
): InnerArena {
  const clock = createManualClock(BEGINNING);
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
  const arena = arenaOf(database, { schedule, clock, simulator, late: LATE_MS, reached });
  return arena;
}
