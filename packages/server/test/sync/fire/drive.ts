import { LeaseLost } from '../../../src/sync/entity/index.ts';
import { type Arena } from './arena.ts';
import { performCommand } from './commands.ts';
import { performAct } from './people.ts';
import { pick } from './random.ts';
import { type Operation, type Step } from './schedule.ts';
import { type Task } from './turnstile.ts';
import { calm, changeStreamWeather, changeWeather, changeWebhookWeather } from './weather.ts';
import { type Activity, type Worker } from './worker.ts';
import { operate } from './operator.ts';
import { wantSnapshots } from '../../../src/sync/inbound/index.ts';

/** How long time passes at once: for a retry, a deadline, a lease, an hour for which calls are remembered. */
const SPELLS_MS = [700, 2_500, 9_000, 20_000, 70_000, 700_000];

type Doing = (arena: Arena, step: Step, workers: readonly Worker[]) => Promise<void> | void;

const DOING: Readonly<Record<Operation, Doing>> = {
  work: (arena, step, workers) => work(arena, workers, step),
  create_role: performCommand,
  edit_role: performCommand,
  delete_role: performCommand,
  set_roles: performCommand,
  give_grant: performCommand,
  take_grant: performCommand,
  dashboard_role: performAct,
  dashboard_roles_of: performAct,
  dashboard_member: performAct,
  dashboard_environment: performAct,
  directory: performAct,
  weather: changeWeather,
  stream_weather: changeStreamWeather,
  webhook_weather: changeWebhookWeather,
  calm,
  time: (arena, { a }) => arena.passTime(pick(SPELLS_MS, a) ?? 0),
  kill: (arena, { a }, workers) => kill(arena, pick(workers, a)),
  cut: (_arena, { a, b, c }, workers) => {
    const lost = c < 0.5 ? 'message' : 'answer';
    pick(workers, a)?.cutter?.arm({ after: 1 + Math.floor(b * 24), lost });
  },
  compare: (arena) => wantSnapshots(arena.db),
  operator: (arena, { a }, workers) => operate(arena, pick(workers, a)?.port),
};

/** Does one step of a schedule. */
export async function takeStep(
  arena: Arena,
  workers: readonly Worker[],
  step: Step,
): Promise<void> {
  arena.history.step = step.number;
  await arena.clock.advance(15);
  await DOING[step.operation](arena, step, workers);
}

/** Lets a worker begin something, or go on with it for some stops. */
async function work(arena: Arena, workers: readonly Worker[], step: Step): Promise<void> {
  const worker = pick(workers, step.a);
  if (worker === undefined) return;
  const task = await chooseTask(arena, workers, { worker, step });
  if (task === undefined) return;
  const stops = Math.floor(step.c * step.c * 14);
  for (let stop = 0; stop < stops && task.state === 'parked'; stop += 1) {
    await arena.turnstile.letOn(task);
  }
  noteEnd(arena, task);
}

async function chooseTask(
  arena: Arena,
  workers: readonly Worker[],
  { worker, step: { b } }: { readonly worker: Worker; readonly step: Step },
): Promise<Task | undefined> {
  const activities: Activity[] = arena.sites.map((site) => ({ kind: 'drain', site }));
  activities.push({ kind: 'environment' });
  if (arena.nudges > 0 || b > 0.5) activities.push({ kind: 'pull' });
  const choices: (Task | Activity)[] = [
    ...worker.parked,
    ...activities.filter((activity) => worker.idle(activity)),
  ];
  const chosen = pick(choices, (b * 13) % 1);
  if (chosen === undefined) return undefined;
  if ('state' in chosen) {
    await arena.turnstile.letOn(chosen);
    return chosen;
  }
  noteBeginning(arena, workers, chosen);
  return worker.begin(chosen);
}

function noteBeginning(arena: Arena, workers: readonly Worker[], activity: Activity): void {
  const busy = workers.some((worker) => !worker.idle(activity));
  if (activity.kind === 'drain' && busy) arena.reached('O14');
  if (activity.kind !== 'pull') return;
  if (busy) arena.reached('I21');
  if (arena.nudges === 0) arena.reached('I1');
}

/** What a task ended with must be something that may happen. */
export function noteEnd(arena: Arena, task: Task): void {
  const { error } = task;
  if (task.state !== 'ended' || error === undefined) return;
  if (error instanceof LeaseLost) arena.reached('O15');
  else if (!isMisfortune(error)) throw asError(error);
}

/** What a worker meets when the world is as it is: everything else is a defect. */
function isMisfortune(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'WorkosFailure') return true;
  return 'species' in error && error.species === 'outage';
}

async function kill(arena: Arena, worker: Worker | undefined): Promise<void> {
  if (worker === undefined) return;
  const stops = worker.parked.map(({ at }) => at);
  if (stops.includes('read')) arena.reached('I22');
  if (stops.some((at) => at === 'committed')) arena.reached('O16');
  const [pending] = await arena.rows(
    'SELECT FROM rolecall.sync_entities WHERE pushed_version < local_version LIMIT 1',
  );
  if (pending !== undefined) arena.reached('O1');
  worker.kill();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
