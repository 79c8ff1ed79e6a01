import { builtinPolicy } from '@rolecall/policy';
import { type Db, inTransaction, query } from '@rolecall/server/database';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { createOrganization, setMemberRoles } from '../../../packages/server/src/roles/index.ts';
import {
  drainEnvironment,
  drainOrganization,
  pullEvents,
} from '../../../packages/server/src/sync/index.ts';
import { openUngatedPort, type WorkosPort } from '../../../packages/server/src/workos/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, duration } from '../measure.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What comes in and what goes out, without the limits of WorkOS. */
export const syncRates: Suite = {
  name: 'sync-rates',
  title: 'Synchronising with WorkOS',
  run,
  limitSeconds: 1_200,
};

const ORGANIZATION = 'bench';
/** Where no directory owns the roles, so that they can be pushed. */
const PUSHED = 'pushed';
const context = { actor: 'system', requestId: null, policy: builtinPolicy };

async function run({ small }: RunOptions): Promise<Findings> {
  const people = small ? 200 : 50_000;
  const pushed = small ? 100 : 2_000;
  const postgres = await startBenchDatabase({ durable: true });
  const { db } = postgres.open(8);
  const simulator = await startSimulator({ rateLimits: 'off', requestLogSize: 1 });
  try {
    const port = portOf(simulator);
    await link(db, simulator, pushed);
    await settle(db, port);
    const countEvents = async (): Promise<number> => {
      const [inbox] = await query<{ readonly events: number }>(db, {
        text: 'SELECT count(*)::integer AS events FROM rolecall.sync_inbox',
      });
      return inbox?.events ?? 0;
    };
    const before = await countEvents();
    simulator.directory.importUsers({ organization: 'Bench', count: people });
    const readMicros = await timed(() => pullEvents({ db, port }));
    const events = (await countEvents()) - before;
    const convergedMicros = await timed(() => settle(db, port));
    await changeRoles(db, pushed);
    const pushMicros = await timed(() => settle(db, port));
    return {
      method:
        'One process against a simulator of WorkOS in the same process that is not throttled, over HTTP, and a ' +
        'PostgreSQL that waits for its disk. A directory imports people, each of whom makes two events that ' +
        'are read: a user and a membership. Then members of another organization get another role set here, one entity each.',
      columns: ['what', 'things', 'time', 'per second'],
      rows: [
        row('events stored in the inbox, with what they mark', events, readMicros),
        row('people and memberships converged after that', people * 2, convergedMicros),
        row('role sets pushed', pushed, pushMicros),
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await simulator.close();
    await postgres.close();
  }
}

function row(what: string, things: number, micros: number): string[] {
  return [what, count(things), duration(micros), count(things / (micros / 1e6))];
}

function portOf({ apiKey, url }: Simulator): WorkosPort {
  return openUngatedPort({
    apiKey,
    apiUrl: url,
    fetch,
    timeoutMs: 60_000,
    longestCallMs: 65_000,
    onMultipleRoles: () => Promise.resolve(),
  });
}

async function link(db: Db, simulator: Simulator, pushed: number): Promise<void> {
  const { dashboard, directory } = simulator;
  for (const [id, name] of [
    [ORGANIZATION, 'Bench'],
    [PUSHED, 'Pushed'],
  ] as const) {
    const { id: workosId } = dashboard.createOrganization({ name });
    await inTransaction(db, (tx) => createOrganization(tx, { id, name, workosId }, context));
  }
  directory.connect({ organization: 'Bench' });
  for (let member = 0; member < pushed; member += 1) {
    dashboard.addMember({ organization: 'Pushed', user: `user${String(member)}@pushed.example` });
  }
  await pullEvents({ db, port: portOf(simulator) });
}

/** Until nothing is due. */
async function settle(db: Db, port: WorkosPort): Promise<void> {
  await drainEnvironment({ db, port });
  for (const id of [ORGANIZATION, PUSHED]) await drainOrganization({ db, port }, id);
}

async function changeRoles(db: Db, members: number): Promise<void> {
  const rows = await query<{ readonly user_id: string; readonly admin: string }>(db, {
    text: `SELECT user_id, rolecall.system_role_id($1, 'admin') AS admin FROM rolecall.memberships
      WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2`,
    values: [PUSHED, members],
  });
  for (const { user_id: userId, admin } of rows) {
    await inTransaction(db, (tx) =>
      setMemberRoles(tx, PUSHED, { userId, roleIds: [admin] }, context),
    );
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) * 1000;
}
