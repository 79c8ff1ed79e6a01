import { wantSnapshots } from '../../../src/sync/inbound/index.ts';
import { findDrift } from '../../../src/sync/index.ts';
import { syncedEventTypes, type WorkosPort } from '../../../src/workos/index.ts';
import { type Arena } from './arena.ts';
import { noteEnd } from './drive.ts';
import { decide, listStuck } from './operator.ts';
import { type Task } from './turnstile.ts';
import { calm } from './weather.ts';
import { type Activity, type Worker } from './worker.ts';

/** How often everything may be looked at until nothing is left to do. */
export const MOST_ROUNDS = 40;

/** Time between two rounds: retries first, then leases, deadlines, the longest waits, and a day. */
const PAUSES_MS = [500, 3_000, 20_000, 70_000, 600_000, 3_700_000, 90_000_000];

/** Mends the world and lets the workers go on until both sides are quiet; answers with the rounds it took. */
export async function heal(arena: Arena, workers: readonly Worker[]): Promise<number> {
  calm(arena);
  if (!arena.schedule.beginnings.multipleRoles) {
    arena.simulator.dashboard.setMultipleRoles({ enabled: true });
  }
  for (const worker of workers) {
    worker.cutter?.disarm();
    // Half of the seeds end with processes that died, half with ones that come to their senses.
    if (arena.schedule.seed % 2 === 0) worker.kill();
    for (const task of worker.parked) await finish(arena, task);
  }
  // What the listing of a comparison lacked and no event is kept of, the night finds. Everything else may not need it.
  if (arena.lacked && arena.forgotten) await wantSnapshots(arena.db);
  return settle(arena, workers);
}

/** Lets the workers go on until nothing is left to do. Throws when that takes too many rounds. */
export async function settle(arena: Arena, workers: readonly Worker[]): Promise<number> {
  for (let round = 1; round <= MOST_ROUNDS; round += 1) {
    const worker = workers[round % workers.length];
    if (worker === undefined) throw new Error('there is no worker');
    await lookAround(arena, worker);
    for (const stuck of await listStuck(arena)) await decide(arena, worker.port, stuck);
    const left = await whatIsLeft(arena);
    if (left === undefined) return round;
    if (round === MOST_ROUNDS) throw new Error(`not quiet after ${round} rounds: ${left}`);
    // A call is remembered for an hour, so nobody sleeps for longer while one may still take effect.
    const longest = arena.simulator.faults.pending().lateWrites > 0 ? 600_000 : Infinity;
    const pause = PAUSES_MS[(round - 1) % PAUSES_MS.length] ?? 0;
    await arena.passTime(Math.min(pause, longest));
  }
  throw new Error('unreachable');
}

async function lookAround(arena: Arena, worker: Worker): Promise<void> {
  const activities: readonly Activity[] = [
    { kind: 'pull' },
    { kind: 'environment' },
    ...arena.sites.map((site) => ({ kind: 'drain', site }) as const),
  ];
  for (const activity of activities) await finish(arena, await worker.begin(activity));
}

async function finish(arena: Arena, task: Task): Promise<void> {
  while (task.state === 'parked') await arena.turnstile.letOn(task);
  noteEnd(arena, task);
}

/** What is still to be done, in words; nothing when all is quiet. */
export async function whatIsLeft(arena: Arena): Promise<string | undefined> {
  const late = arena.simulator.faults.pending();
  if (late.lateWrites + late.lateEvents + late.retiringRoles > 0) {
    return `on the other side: ${JSON.stringify(late)}`;
  }
  const [row] = await arena.rows<{ readonly left: unknown }>(
    `SELECT jsonb_strip_nulls(jsonb_build_object(
        'entities', (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'state', state, 'reason', reason,
            'pending', pushed_version < local_version, 'subject', subject_id, 'failures', failures))
          FROM rolecall.sync_entities
          WHERE state NOT IN ('idle') AND NOT (state = 'waiting' AND reason = 'suspended')),
        'due', (SELECT jsonb_agg(kind) FROM rolecall.sync_entities
          WHERE next_attempt_at IS NOT NULL AND state = 'idle'),
        'marks', (SELECT jsonb_agg(to_jsonb(m)) FROM rolecall.sync_marks m),
        'environment', (SELECT jsonb_agg(to_jsonb(m)) FROM rolecall.sync_environment_marks m),
        'snapshots', (SELECT jsonb_agg(organization_id) FROM rolecall.sync_organizations
          WHERE snapshot_done < snapshot_wanted))) AS left`,
  );
  const left = JSON.stringify(row?.left ?? {});
  if (left !== '{}') return left;
  const [cursor] = await arena.rows<{ readonly position: string | null }>(
    'SELECT position FROM rolecall.sync_cursors',
  );
  const newest = arena.simulator.state().events.newest;
  if (newest !== null && (cursor?.position ?? '') < newest && unread(arena, cursor?.position))
    return `events after ${cursor?.position ?? 'nothing'}`;
  return undefined;
}

/** Whether the stream has something of a type that is read, after the cursor. */
function unread(arena: Arena, position: string | null | undefined): boolean {
  const { all = [] } = arena.simulator.state({ events: true }).events;
  return all.some(
    (event) =>
      (syncedEventTypes as readonly string[]).includes(String(event['event'])) &&
      String(event['id']) > (position ?? ''),
  );
}

/** The engine's own opinion, asked last. */
export async function driftOf(arena: Arena, port: WorkosPort): Promise<readonly string[]> {
  const found: string[] = [];
  for (const site of arena.sites) {
    const report = await findDrift({ db: arena.db, port }, site.id);
    for (const one of report?.drift ?? []) found.push(`findDrift says: ${JSON.stringify(one)}`);
  }
  return found;
}
