import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { eventually } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRole } from '../../server/src/roles/index.ts';
import { allSent, openPeopled, takenIn } from '../../server/src/sync/test/runner-under-test.ts';
import { type World } from '../../server/src/sync/test/world.ts';
import { type SyncRunner } from '../../server/src/sync/index.ts';
import { temporalRunner } from '../src/index.ts';
import { organizationWorkflowId, timedWorkflowId, WAKE } from '../src/names.ts';
import { prepareRuntime } from '../src/runtime.ts';
import { ensureSchedules } from '../src/schedules.ts';
import { createSignals } from '../src/signals.ts';
import type { WorkResult } from '../src/workflows/keep-working.ts';
import { findProgram } from './server/program.ts';
import { startTemporalServer, type TemporalServer } from './server/start.ts';
import { writeBundle } from './write-bundle.ts';

let server: TemporalServer;
let bundlePath: string;
let connection: NativeConnection;
let client: Client;
/** For all tests that leave both at work. */
let working: Working;
let queues = 0;

interface Working {
  readonly world: World;
  readonly queue: string;
  readonly runners: readonly SyncRunner[];
  readonly close: () => Promise<void>;
}

/** Two processes, as it were, that work on one organization. */
async function openWorking(): Promise<Working> {
  const world = await openPeopled();
  const { test, workos } = world;
  const queue = `queue-${(queues += 1)}`;
  const make = temporalRunner({
    connection: { address: server.address, namespace: 'default' },
    bundlePath,
    taskQueue: queue,
    schedules: false,
  });
  const runners = [1, 2].map(() =>
    make({ db: test.db, url: test.url, workos, report: () => undefined }),
  );
  await Promise.all(runners.map((runner) => runner.start()));
  await takenIn(world);
  const close = async (): Promise<void> => {
    await Promise.all(runners.map((runner) => runner.close()));
    await world.close();
  };
  return { world, queue, runners, close };
}

/** So many events make a run long. */
const LONG_RUN = 1_000;

/** Runs the workflows with activities that answer what they are told to; the first wake-up starts one. */
async function answering(answer: () => Promise<WorkResult>): Promise<{
  readonly wake: () => Promise<void>;
  /** How many runs the workflow has had. */
  readonly runs: () => Promise<number>;
}> {
  const queue = `queue-${(queues += 1)}`;
  const worker = await Worker.create({
    connection,
    taskQueue: queue,
    workflowBundle: { codePath: bundlePath },
    activities: { drain: answer, pull: answer, keepTime: () => Promise.resolve() },
  });
  const ended = worker.run();
  onTestFinished(async () => {
    worker.shutdown();
    await ended;
  });
  const { wakeOrganization } = createSignals(client, queue);
  return {
    wake: () => wakeOrganization('acme'),
    runs: async () => {
      // A run that has just begun is not listed at once; one that was continued names it.
      const { raw } = await client.workflow
        .getHandle(organizationWorkflowId(queue, 'acme'))
        .describe();
      const first = raw.workflowExecutionInfo?.firstRunId;
      return first === raw.workflowExecutionInfo?.execution?.runId ? 1 : 2;
    },
  };
}

describe.skipIf(findProgram() === undefined)('in Temporal', () => {
  beforeAll(async () => {
    [server, bundlePath] = await Promise.all([startTemporalServer(), writeBundle()]);
    prepareRuntime();
    connection = await NativeConnection.connect({ address: server.address });
    client = new Client({ connection });
    working = await openWorking();
  });
  afterAll(async () => {
    await working.close();
    await connection.close();
    await server.close();
  });

  it('an organization has one workflow, whoever wakes it and however often', async () => {
    const { world, queue, runners } = working;
    await Promise.all(
      Array.from({ length: 8 }, (_, number) =>
        world.run(createRole, { name: `Role ${number}`, grants: [] }),
      ),
    );
    for (const runner of runners) runner.nudge();
    await allSent(world, 30_000);
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: `TaskQueue = '${queue}'` })) {
      ids.push(workflowId);
    }
    expect(ids.sort()).toEqual([`${queue}/environment`, organizationWorkflowId(queue, 'acme')]);
  });

  it('a wake-up says nothing but that it is one', async () => {
    const { queue } = working;
    const handle = client.workflow.getHandle(organizationWorkflowId(queue, 'acme'));
    const { events } = await handle.fetchHistory();
    const signals = (events ?? []).flatMap(
      (event) => event.workflowExecutionSignaledEventAttributes ?? [],
    );
    expect(signals.length).toBeGreaterThan(0);
    for (const { signalName, input } of signals) {
      expect(signalName).toBe(WAKE);
      expect(input?.payloads ?? []).toEqual([]);
    }
  });

  it('INVARIANT (no wake-up lost): work begins after every wake-up, however many runs that takes', async () => {
    const works = Promise.withResolvers<WorkResult>();
    let begun = 0;
    const { wake, runs } = await answering(() => {
      begun += 1;
      return works.promise;
    });
    // All while the first piece of work goes on: when it ends, its run is long, and was woken.
    for (let some = 0; some < LONG_RUN; some += 50) {
      await Promise.all(Array.from({ length: 50 }, wake));
    }
    expect(begun).toBe(1);
    works.resolve({ result: 'drained', againInMs: null });
    await eventually(() => {
      expect(begun).toBe(2);
    });
    expect(await runs()).toBeGreaterThanOrEqual(2);
    for (let round = 0; round < 10; round += 1) {
      const before = begun;
      await Promise.all(Array.from({ length: 1 + (round % 7) }, wake));
      await eventually(() => {
        expect(begun).toBeGreaterThan(before);
      });
    }
  }, 180_000);

  it('INVARIANT (no wake-up lost): who is woken while working works once more', async () => {
    const works = Promise.withResolvers<WorkResult>();
    let begun = 0;
    const { wake } = await answering(() => {
      begun += 1;
      return works.promise;
    });
    await wake();
    await eventually(() => {
      expect(begun).toBe(1);
    });
    await wake();
    works.resolve({ result: 'drained', againInMs: null });
    await eventually(() => {
      expect(begun).toBe(2);
    });
  }, 60_000);

  it('what WorkOS names in Retry-After is waited for, whoever wakes the organization', async () => {
    const { world, queue } = working;
    const match = { method: 'POST' };
    const fault = { kind: 'throttle', retryAfterSeconds: 2 } as const;
    world.simulator.faults.add({ match, fault, times: 1 });
    const handle = client.workflow.getHandle(organizationWorkflowId(queue, 'acme'));
    const { events: earlier } = await handle.fetchHistory();
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await eventually(() => {
      expect(world.simulator.requests.counts().byFault).not.toEqual({});
    });
    await handle.signal(WAKE);
    await allSent(world, 30_000);
    const { events: all } = await handle.fetchHistory();
    const events = (all ?? []).slice(earlier?.length ?? 0);
    const waits = events.flatMap((event) => event.timerStartedEventAttributes ?? []);
    const seconds = waits.map(({ startToFireTimeout }) => Number(startToFireTimeout?.seconds ?? 0));
    expect(Math.max(...seconds)).toBeGreaterThanOrEqual(1);
    expect(events.some((event) => event.timerFiredEventAttributes)).toBe(true);
    expect(events.some((event) => event.timerCanceledEventAttributes)).toBe(false);
  }, 60_000);

  it('one process of all relays, and another takes its place', async () => {
    const { world, runners, close } = await openWorking();
    onTestFinished(close);
    const relays = () =>
      world.rows(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::bigint << 32) + objid::bigint = 7265730061`);
    expect(await relays()).toHaveLength(1);
    await runners[0]?.close();
    await eventually(async () => {
      expect(await relays()).toHaveLength(1);
    });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await allSent(world, 30_000);
  }, 60_000);

  it('what is due at set times has an overlap and a catch-up of its own, and what is paused stays so', async () => {
    const queue = `queue-${(queues += 1)}`;
    await ensureSchedules(client, queue);
    const paused = client.schedule.getHandle(timedWorkflowId(queue, 'compare'));
    await paused.pause('for the test');
    await ensureSchedules(client, queue);
    const described = await Promise.all(
      (['pull', 'sweep', 'sample', 'compare'] as const).map(async (work) => {
        const { policies, state, action } = await client.schedule
          .getHandle(timedWorkflowId(queue, work))
          .describe();
        const { overlap, catchupWindow } = policies;
        return [work, overlap, catchupWindow, state.paused, action.taskQueue];
      }),
    );
    const [minute, hour] = [60_000, 3_600_000];
    expect(described).toEqual([
      ['pull', 'SKIP', minute, false, queue],
      ['sweep', 'SKIP', minute, false, queue],
      ['sample', 'SKIP', hour, false, queue],
      ['compare', 'SKIP', 12 * hour, true, queue],
    ]);
  });

  it('a schedule of an earlier version is renewed', async () => {
    const queue = `queue-${(queues += 1)}`;
    await ensureSchedules(client, queue);
    const handle = client.schedule.getHandle(timedWorkflowId(queue, 'sample'));
    await handle.delete();
    await client.schedule.create({
      scheduleId: timedWorkflowId(queue, 'sample'),
      spec: { cronExpressions: ['0 0 1 1 *'] },
      action: { type: 'startWorkflow', workflowType: 'timed', taskQueue: queue, args: ['sample'] },
      memo: { version: 0 },
    });
    await ensureSchedules(client, queue);
    expect((await handle.describe()).policies.catchupWindow).toBe(3_600_000);
  });

  it('what a schedule starts does its work', async () => {
    const { world, queue } = working;
    await ensureSchedules(client, queue);
    const compared = () =>
      world.rows<{ at: string }>('SELECT compared_at AS at FROM rolecall.sync_organizations');
    const [before] = await compared();
    await client.schedule.getHandle(timedWorkflowId(queue, 'compare')).trigger();
    await eventually(async () => {
      expect((await compared())[0]?.at).not.toEqual(before?.at);
    }, 30_000);
    for (const work of ['pull', 'sweep', 'sample', 'compare']) {
      await client.schedule.getHandle(timedWorkflowId(queue, work)).delete();
    }
  }, 60_000);
});
