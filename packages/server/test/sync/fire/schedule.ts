import { createRandom, type Random } from './random.ts';

/** What can happen in one step. What each needs beside its name it takes from the step's numbers. */
export const operations = [
  'work',
  'create_role',
  'edit_role',
  'delete_role',
  'set_roles',
  'give_grant',
  'take_grant',
  'dashboard_role',
  'dashboard_roles_of',
  'dashboard_member',
  'dashboard_environment',
  'directory',
  'weather',
  'stream_weather',
  'webhook_weather',
  'calm',
  'time',
  'kill',
  'cut',
  'compare',
  'operator',
] as const;
export type Operation = (typeof operations)[number];

/**
 * One step of a schedule. `a`, `b`, `c` (from 0 to 1) point at what it is done to, so that a step means
 * something whatever became of the steps before it; `number` names what it makes.
 */
export interface Step {
  readonly operation: Operation;
  readonly number: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** How a world begins. */
export interface Beginnings {
  readonly organizations: number;
  readonly members: number;
  readonly roles: number;
  readonly mode: 'adopt' | 'enforce';
  readonly multipleRoles: boolean;
  /** What is there before the first link: nothing, the other side, or both sides with differences. */
  readonly link: 'calm' | 'under_fire' | 'with_differences';
  /** Whether the directory may show up. */
  readonly directory: boolean;
  /** Whether connections to PostgreSQL are cut. */
  readonly cuts: boolean;
}

export interface Schedule {
  readonly seed: number;
  readonly beginnings: Beginnings;
  readonly steps: readonly Step[];
}

const STEPS = 110;

/** The ordinary weights; every seed has a few operations that it is fond of, and some that it does without. */
const WEIGHTS: Readonly<Record<Operation, number>> = {
  work: 46,
  create_role: 4,
  edit_role: 6,
  delete_role: 2.5,
  set_roles: 8,
  give_grant: 1,
  take_grant: 0.7,
  dashboard_role: 4,
  dashboard_roles_of: 4,
  dashboard_member: 3,
  dashboard_environment: 1,
  directory: 3,
  weather: 5,
  stream_weather: 1.2,
  webhook_weather: 0.8,
  calm: 1.5,
  time: 8,
  kill: 3,
  cut: 2,
  compare: 0.8,
  operator: 0.8,
};

/** What a seed makes happen. */
export function scheduleOf(seed: number): Schedule {
  const random = createRandom(seed);
  const beginnings = beginningsOf(random);
  const weights = weightsOf(random, beginnings);
  const steps = Array.from({ length: STEPS }, (_, number) => ({
    operation: draw(weights, random.next()),
    number: number + 1,
    a: random.next(),
    b: random.next(),
    c: random.next(),
  }));
  return { seed, beginnings, steps };
}

function beginningsOf(random: Random): Beginnings {
  const link = random.next();
  return {
    organizations: random.chance(0.2) ? 2 : 1,
    members: 2 + random.below(4),
    roles: random.below(4),
    mode: random.chance(0.15) ? 'enforce' : 'adopt',
    multipleRoles: !random.chance(0.08),
    link: link < 0.7 ? 'calm' : link < 0.88 ? 'under_fire' : 'with_differences',
    directory: random.chance(0.45),
    cuts: random.chance(0.4),
  };
}

function weightsOf(
  random: Random,
  { directory, cuts }: Beginnings,
): ReadonlyMap<Operation, number> {
  const weights = new Map(
    operations.map((operation) => {
      const fondness = random.next();
      const factor = fondness < 0.12 ? 0.1 : fondness > 0.85 ? 2.5 : 1;
      return [operation, WEIGHTS[operation] * (operation === 'work' ? 1 : factor)] as const;
    }),
  );
  if (!directory) weights.set('directory', 0);
  if (!cuts) weights.set('cut', 0);
  return weights;
}

function draw(weights: ReadonlyMap<Operation, number>, at: number): Operation {
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  let left = at * total;
  for (const [operation, weight] of weights) {
    left -= weight;
    if (left < 0) return operation;
  }
  return 'work';
}
