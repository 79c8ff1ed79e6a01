import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually, forkProgram } from '@rolecall/testkit';
import { afterAll, expect, onTestFinished } from 'vitest';
import { type SyncRunner } from '../runner/index.ts';
import { openWorld, type World } from './world.ts';

/** A runner as the conformance suite takes it. */
export interface RunnerUnderTest {
  /** Makes one that is not started, and has no timers. */
  readonly open: (world: World) => SyncRunner;
  /** A program that runs one until it is killed: it says `ready`, and takes the addresses and what else is given here. */
  readonly program: string;
  readonly moreArguments: () => readonly string[];
}

/** An organization that is linked, with runners that have taken it in. */
export interface Running {
  readonly world: World;
  readonly runners: readonly SyncRunner[];
}

/** One with a runner of its own, which ends with the test. */
export async function openRunning(underTest: RunnerUnderTest): Promise<Running> {
  const { running, close } = await openWith(underTest, 1);
  onTestFinished(close);
  return running();
}

/**
 * One with so many runners for all tests that leave these working and nothing undone: the first opens it, and it ends
 * after the last. What WorkOS was asked is counted anew for each.
 */
export function shareRunning(underTest: RunnerUnderTest, count: number): () => Promise<Running> {
  let shared: Promise<Awaited<ReturnType<typeof openWith>>> | undefined;
  afterAll(async () => {
    await (await shared)?.close();
  });
  return async () => {
    shared ??= openWith(underTest, count);
    const running = await (await shared).running();
    running.world.simulator.requests.clear();
    return running;
  };
}

async function openWith({ open }: RunnerUnderTest, count: number) {
  const world = await openPeopled();
  const runners = Array.from({ length: count }, () => open(world));
  let started: Promise<unknown> | undefined;
  return {
    running: async (): Promise<Running> => {
      started ??= Promise.all(runners.map((runner) => runner.start())).then(() => takenIn(world));
      await started;
      return { world, runners };
    },
    close: async (): Promise<void> => {
      await Promise.all(runners.map((runner) => runner.close()));
      await world.close();
    },
  };
}

/** A linked organization of two that nobody works on yet. */
export function openPeopled(): Promise<World> {
  return openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({ organization: 'Acme', user: 'bob@acme.test', roles: ['member'] });
    },
  });
}

export async function takenIn(world: World): Promise<void> {
  await eventually(async () => {
    expect((await world.entities()).map((entity) => entity.state)).toEqual(['idle', 'idle']);
  }, 30_000);
}

/** Until nothing is pending any more. */
export async function allSent(world: World, withinMs?: number): Promise<void> {
  await eventually(async () => {
    expect((await world.entities()).filter((entity) => entity.pending)).toEqual([]);
  }, withinMs);
}

/** A runner in a process of its own. */
export interface RunnerProcess {
  /** Ends it where it stands. */
  readonly kill: () => Promise<void>;
  /** Asks it to end, and yields its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts one that works on a world; it ends with the test. */
export async function startProcess(
  { program, moreArguments }: RunnerUnderTest,
  { test, simulator }: World,
): Promise<RunnerProcess> {
  const child = forkProgram(
    program,
    [test.url, simulator.url, simulator.apiKey, ...moreArguments()],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  onTestFinished(() => kill(child));
  const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
  if (first !== 'ready') throw new Error('the process of a runner has ended');
  return {
    kill: () => kill(child),
    stop: async () => {
      const ended = once(child, 'exit') as Promise<[number | null]>;
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
