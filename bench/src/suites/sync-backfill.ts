import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { type Db, query } from '@rolecall/server/database';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import {
  backfill,
  drainEnvironment,
  drainOrganization,
  findDrift,
  pullEvents,
} from '../../../packages/server/src/sync/index.ts';
import { openUngatedPort, type WorkosPort } from '../../../packages/server/src/workos/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** An environment that was there before Rolecall is taken in while people go on changing it. */
export const syncBackfill: Suite = {
  name: 'sync-backfill',
  title: 'Taking an existing environment in',
  run,
  limitSeconds: 3_600,
};

const context = { actor: 'system', requestId: null, policy: builtinPolicy };
/** A person changes something in WorkOS this often, meanwhile. */
const CHANGE_EVERY_MS = 50;

async function run({ small }: RunOptions): Promise<Findings> {
  const organizations = small ? 3 : 20;
  const members = small ? 100 : 5_000;
  const postgres = await startBenchDatabase({ durable: true });
  const { db } = postgres.open(8);
  const simulator = await startSimulator({ rateLimits: 'off', requestLogSize: 1 });
  try {
    const { apiKey, url: apiUrl } = simulator;
    const port = openUngatedPort({
      apiKey,
      apiUrl,
      fetch,
      timeoutMs: 60_000,
      longestCallMs: 65_000,
      onMultipleRoles: () => Promise.resolve(),
    });
    populate(simulator, organizations, members);
    // The stream has a reader before: its first events would have everything compared anew.
    await read(db, port);
    const live = new LiveChanges({ simulator, db, port, organizations, members });
    const planMicros = await timed(() => exhaust(backfill({ db, port, context })));
    live.start();
    const takenMicros = await timed(() => exhaust(backfill({ db, port, context, dryRun: false })));
    const made = await live.stop();
    const restMicros = await timed(() => settle(db, port));
    const drift = await countDrift(db, port);
    const memberships = organizations * members;
    return {
      method:
        `${count(organizations)} organizations of ${count(members)} members each are in a simulator of WorkOS in the ` +
        'same process, which is not throttled, over HTTP; PostgreSQL waits for its disk. First the plan is made, ' +
        'which changes nothing; then everything is taken in, while a member is given another role in WorkOS ' +
        `every ${String(CHANGE_EVERY_MS)} ms and the stream of events is read all the time. Then what the events have left is done, ` +
        'and both sides are compared as a whole.',
      columns: ['what', 'things', 'time', 'per second'],
      rows: [
        row('memberships planned', memberships, planMicros),
        row('memberships taken in beside live events', memberships, takenMicros),
        row('live changes; what was left of them afterwards', made, restMicros),
        ['differences at the end (must be 0)', count(drift), '', ''],
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await simulator.close();
    await postgres.close();
  }
}

function populate({ dashboard }: Simulator, organizations: number, members: number): void {
  for (let index = 0; index < organizations; index += 1) {
    const organization = nameOf(index);
    dashboard.createOrganization({ name: organization });
    dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
    for (let member = 0; member < members; member += 1) {
      const roles = member === 0 ? ['admin'] : ['org-auditor'];
      dashboard.addMember({ organization, user: emailOf(index, member), roles });
    }
  }
}

const nameOf = (organization: number): string => `Organization ${String(organization)}`;
const emailOf = (organization: number, member: number): string =>
  `user${String(member)}@organization${String(organization)}.example`;

interface Place {
  readonly simulator: Simulator;
  readonly db: Db;
  readonly port: WorkosPort;
  readonly organizations: number;
  readonly members: number;
}

/** People in the dashboard, and the reader of what they do. */
class LiveChanges {
  readonly #place: Place;
  #going = false;
  #made = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(place: Place) {
    this.#place = place;
  }

  start(): void {
    this.#going = true;
    this.#running = this.#run();
  }

  /** How many were made; all of them have been read. */
  async stop(): Promise<number> {
    this.#going = false;
    await this.#running;
    return this.#made;
  }

  async #run(): Promise<void> {
    const { simulator, db, port, organizations, members } = this.#place;
    while (this.#going) {
      const organization = this.#made % organizations;
      const member = 1 + (this.#made % (members - 1));
      simulator.dashboard.changeMemberRoles({
        organization: nameOf(organization),
        user: emailOf(organization, member),
        roles: ['member', 'org-auditor'],
      });
      this.#made += 1;
      await read(db, port);
      await sleep(CHANGE_EVERY_MS);
    }
    await read(db, port);
  }
}

/** What a worker does with the stream. */
async function read(db: Db, port: WorkosPort): Promise<void> {
  await pullEvents({ db, port });
  await drainEnvironment({ db, port });
}

async function exhaust(plans: AsyncIterable<unknown>): Promise<number> {
  let seen = 0;
  for await (const plan of plans) seen += plan === undefined ? 0 : 1;
  return seen;
}

async function linkedOrganizations(db: Db): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(db, {
    text: 'SELECT id FROM rolecall.organizations WHERE workos_id IS NOT NULL ORDER BY id',
  });
  return rows.map(({ id }) => id);
}

async function settle(db: Db, port: WorkosPort): Promise<void> {
  await drainEnvironment({ db, port });
  for (const id of await linkedOrganizations(db)) await drainOrganization({ db, port }, id);
}

async function countDrift(db: Db, port: WorkosPort): Promise<number> {
  let found = 0;
  for (const id of await linkedOrganizations(db)) {
    found += (await findDrift({ db, port }, id))?.drift.length ?? 0;
  }
  return found;
}

function row(what: string, things: number, micros: number): string[] {
  return [what, count(things), duration(micros), count(things / (micros / 1e6))];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) * 1000;
}
