import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator } from '@rolecall/workos-simulator';
import { query, sqlStateOf } from '@rolecall/server/database';
import { startPostgresProxy } from '../../../../src/access/fixtures/postgres-proxy.ts';
import { openWorkos } from '../../../../src/workos/index.ts';
import { type Arena, arenaOf } from '../arena.ts';
import { begin } from '../beginnings.ts';
import { performCommand } from '../commands.ts';
import { type FireDatabase } from '../fire-database.ts';
import { type HazardCounts } from '../hazards.ts';
import { driftOf, whatIsLeft } from '../healing.ts';
import { judge } from '../judge.ts';
import { decide, listStuck } from '../operator.ts';
import { performAct } from '../people.ts';
import { pick } from '../random.ts';
import { type Verdict } from '../run-seed.ts';
import { type Schedule, type Step } from '../schedule.ts';
import { compareSides } from '../sides.ts';
import { calm, changeStreamWeather, changeWeather } from '../weather.ts';
import { type Engine } from './engine.ts';
import { WorkerProcess } from './worker-process.ts';

/** Every so-manyeth seed is played by real processes, in real time. */
const EVERY = 100;
const STEPS = 70;
const STEP_MS = 60;
const DEADLOCK = '40P01';
/** Of the steps that kill something, the part that kills what stands behind the workers. */
const STRIKES = 0.25;

/** Whether a seed is one of those whose workers are processes that are killed by SIGKILL. */
export function isPlayedByProcesses(seed: number): boolean {
  return seed % EVERY === 0;
}

/** The runners of production, in processes of their own, over real HTTP and through a network that breaks. */
export async function runWithProcesses(
  database: FireDatabase,
  schedule: Schedule,
  engine: Engine,
): Promise<Verdict> {
  await database.reset();
  const hazards: HazardCounts = new Map();
  const simulator = await startSimulator({
    seed: schedule.seed,
    multipleRoles: schedule.beginnings.multipleRoles,
  });
  const clock = {
    now: () => Date.now(),
    schedule: () => () => undefined,
    advance: (ms: number) => sleep(ms),
  };
  const arena = arenaOf(database, {
    schedule,
    simulator,
    clock,
    late: [300, 1_500],
    reached: (hazard) => {
      hazards.set(hazard, (hazards.get(hazard) ?? 0) + 1);
    },
  });
  const proxy = await startPostgresProxy(database.url);
  const address = {
    databaseUrl: proxy.url,
    workosUrl: simulator.url,
    apiKey: simulator.apiKey,
  };
  const workers = [1, 2].map(() => new WorkerProcess(address, engine, schedule.seed));
  const workos = openWorkos({ db: arena.db, apiKey: simulator.apiKey, apiUrl: simulator.url });
  const faults: string[] = [];
  let rounds = 0;
  try {
    await begin(arena, workos.port);
    await Promise.all(workers.map((worker) => worker.start()));
    for (const step of schedule.steps.slice(0, STEPS)) {
      await takeStep(arena, { step, workers, proxy, engine });
    }
    calm(arena);
    simulator.dashboard.setMultipleRoles({ enabled: true });
    rounds = await heal(arena, workos.port, engine.mostRounds);
    faults.push(...(await compareSides(arena)), ...(await driftOf(arena, workos.port)));
    faults.push(...(await judge(arena)), ...simulator.inconsistencies());
  } catch (error) {
    const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    faults.push(`${shown}\n${await engine.explain(schedule.seed)}`);
  }
  for (const worker of workers) {
    if (worker.crashed) faults.push(`a worker ended by itself: ${worker.complaints.slice(0, 500)}`);
    await worker.kill();
  }
  await workos.close();
  await proxy.close();
  await simulator.close();
  return { seed: schedule.seed, faults, hazards, rounds, struck: simulator.faults.struck() };
}

interface Going {
  readonly step: Step;
  readonly workers: readonly WorkerProcess[];
  readonly proxy: Awaited<ReturnType<typeof startPostgresProxy>>;
  readonly engine: Engine;
}

async function takeStep(arena: Arena, { step, workers, proxy, engine }: Going): Promise<void> {
  arena.history.step = step.number;
  const { operation, a, b } = step;
  if (operation === 'weather') changeWeather(arena, step);
  else if (operation === 'stream_weather') changeStreamWeather(arena, step);
  else if (operation === 'calm') calm(arena);
  else if (operation === 'kill' && engine.strike !== undefined && b < STRIKES)
    await engine.strike();
  else if (operation === 'kill') {
    const worker = pick(workers, a);
    await worker?.kill();
    await worker?.start();
  } else if (operation === 'cut') {
    proxy.cut();
    await sleep(80);
    proxy.mend();
  } else {
    await performCommand(arena, step);
    performAct(arena, step);
  }
  await sleep(STEP_MS);
}

/** Waits until both sides are quiet, with time hurried on and a person at hand. */
async function heal(
  arena: Arena,
  port: Parameters<typeof begin>[1],
  mostRounds: number,
): Promise<number> {
  for (let round = 1; round <= mostRounds; round += 1) {
    await sleep(500);
    for (const stuck of await listStuck(arena)) await decide(arena, port, stuck);
    const left = await whatIsLeft(arena);
    if (left === undefined) return round;
    if (round === mostRounds) throw new Error(`not quiet after ${round} rounds: ${left}`);
    // Refusals are believed for a day, and whoever failed often waits long; the late writes are over by then.
    const hurry = round % 10 === 9 ? 90_000_000 : round % 3 === 2 ? 30_000 : 0;
    if (hurry > 0) await passTime(arena, hurry);
  }
  throw new Error('unreachable');
}

/** Moves every row that has a time, while the workers hold some of them: one of both may have to give way. */
async function passTime({ db }: Arena, ms: number): Promise<void> {
  for (;;) {
    try {
      await query(db, { name: 'fire_pass', text: 'SELECT fire.pass_time($1)', values: [ms] });
      return;
    } catch (error) {
      if (sqlStateOf(error) !== DEADLOCK) throw error;
    }
  }
}
