import { type Arena, openArena } from './arena.ts';
import { begin } from './beginnings.ts';
import { takeStep } from './drive.ts';
import { type FireDatabase } from './fire-database.ts';
import { type Hazard, type HazardCounts } from './hazards.ts';
import { driftOf, heal, settle } from './healing.ts';
import { judge } from './judge.ts';
import { type Schedule } from './schedule.ts';
import { compareSides } from './sides.ts';
import { Watch } from './watch.ts';
import { startWorker, type Worker } from './worker.ts';

/** What became of one seed. */
export interface Verdict {
  readonly seed: number;
  /** What was found wrong; nothing in a good run. */
  readonly faults: readonly string[];
  readonly hazards: HazardCounts;
  /** Rounds after healing until both sides were quiet. */
  readonly rounds: number;
  /** What struck, by its name in the simulator. */
  readonly struck: Readonly<Record<string, number>>;
}

export interface RunOptions {
  /** Told what happens, for whoever wants to understand a seed. */
  readonly trace?: (line: string) => void;
}

/** Plays one schedule in an empty database and says what was found wrong. */
export async function runSchedule(
  database: FireDatabase,
  schedule: Schedule,
  options: RunOptions = {},
): Promise<Verdict> {
  await database.reset();
  const hazards: HazardCounts = new Map();
  const arena = openArena(database, schedule, (hazard: Hazard) => {
    hazards.set(hazard, (hazards.get(hazard) ?? 0) + 1);
  });
  const workers = await Promise.all(['one', 'two'].map((name) => startWorker(name, arena)));
  const faults: string[] = [];
  let rounds = 0;
  try {
    rounds = await play(arena, workers, { faults, ...options });
  } catch (error) {
    const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    faults.push(`step ${arena.history.step}: ${shown}`);
    if (options.trace) await tellHistory(arena, options.trace);
  } finally {
    arena.simulator.close();
    await Promise.all(workers.map((worker) => worker.close()));
  }
  const struck = arena.simulator.faults.struck();
  return { seed: schedule.seed, faults, hazards, rounds, struck };
}

async function play(
  arena: Arena,
  workers: readonly Worker[],
  { faults, trace }: RunOptions & { readonly faults: string[] },
): Promise<number> {
  const [first] = workers;
  if (first === undefined) throw new Error('there is no worker');
  await begin(arena, first.port);
  if (arena.schedule.beginnings.link === 'calm') await settle(arena, workers);
  const watch = new Watch(arena);
  for (const step of arena.schedule.steps) {
    await takeStep(arena, workers, step);
    const wrong = await watch.look();
    trace?.(describe(arena, workers, step));
    faults.push(...wrong.map((one) => `after step ${step.number} (${step.operation}): ${one}`));
    if (wrong.length > 0) return 0;
  }
  arena.history.step = arena.schedule.steps.length + 1;
  const rounds = await heal(arena, workers);
  faults.push(...(await watch.look()));
  faults.push(...(await compareSides(arena)), ...(await driftOf(arena, first.port)));
  faults.push(...(await judge(arena)), ...arena.simulator.inconsistencies());
  if (trace) await tellHistory(arena, trace);
  return rounds;
}

function describe(
  arena: Arena,
  workers: readonly Worker[],
  { number, operation }: { readonly number: number; readonly operation: string },
): string {
  const tasks = workers.flatMap((worker) =>
    [...worker.tasks.values()].map(({ name, state, at, error }) => {
      const why = error instanceof Error ? ` (${error.message})` : '';
      return `${name}: ${state === 'parked' ? at : state}${why}`;
    }),
  );
  const acts = arena.history.acts.filter(({ step }) => step === number);
  const acknowledged = arena.history.acknowledged.filter(({ step }) => step === number);
  const done = [...acts, ...acknowledged].map((one) => JSON.stringify(one)).join(' ');
  return `${number} ${operation} ${done} | ${tasks.join(' | ')}`;
}

async function tellHistory(arena: Arena, trace: (line: string) => void): Promise<void> {
  const rows = await arena.rows(
    `SELECT organization_id, revision, actor, action, subject, before, after
       FROM rolecall.audit_events ORDER BY organization_id, sequence`,
  );
  const events = [...arena.history.events.values()].sort((one, other) => one.time - other.time);
  const shown = [
    ...rows,
    ...(await arena.rows('SELECT * FROM rolecall.sync_conflicts ORDER BY id')),
    ...(await arena.rows('SELECT * FROM rolecall.sync_inbox ORDER BY event_id')),
    ...(await arena.rows('SELECT * FROM rolecall.sync_entities ORDER BY organization_id, kind')),
    ...events,
    ...arena.simulator.requests.list().filter(({ method }) => method !== 'GET'),
  ];
  for (const one of shown) trace(JSON.stringify(one));
}
