import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openWorld } from '../../server/src/sync/test/world.ts';
import { describeRunner } from '../../server/src/sync/test/runner-conformance.ts';
import { reachTemporal, temporalRunner } from '../src/index.ts';
import { findProgram } from './server/program.ts';
import { startTemporalServer, type TemporalServer } from './server/start.ts';
import { writeBundle } from './write-bundle.ts';

let server: TemporalServer;
let bundlePath: string;

describe.skipIf(findProgram() === undefined)('the temporal runner', () => {
  beforeAll(async () => {
    [server, bundlePath] = await Promise.all([startTemporalServer(), writeBundle()]);
  });
  afterAll(() => server.close());

  const at = () => ({ address: server.address, namespace: 'default' });

  describeRunner('it', {
    open: ({ test, workos }) =>
      temporalRunner({ connection: at(), bundlePath, schedules: false })({
        db: test.db,
        url: test.url,
        workos,
        report: () => undefined,
      }),
    program: join(import.meta.dirname, 'temporal-runner-program.ts'),
    moreArguments: () => [server.address, bundlePath],
  });

  it('tells the version of a Temporal that answers', async () => {
    expect((await reachTemporal(at())).version).toMatch(/^\d+\.\d+/);
  });

  it('says so when the namespace is not there', async () => {
    const nowhere = { ...at(), namespace: 'nowhere' };
    await expect(reachTemporal(nowhere)).rejects.toMatchObject({ code: 'temporal_unavailable' });
  });
});

describe('the temporal runner without Temporal', () => {
  const nobody = { address: '127.0.0.1:1', namespace: 'default' };

  it('says that nothing answers', async () => {
    await expect(reachTemporal(nobody)).rejects.toMatchObject({ code: 'temporal_unavailable' });
  });

  it('starts all the same, says why it does not work, and ends', async () => {
    const { test, workos, close } = await openWorld();
    const codes: unknown[] = [];
    const runner = temporalRunner({ connection: nobody })({
      db: test.db,
      url: test.url,
      workos,
      report: ({ doing, error }) => codes.push([doing, (error as { code?: unknown }).code]),
    });
    onTestFinished(close);
    await runner.start();
    expect(codes).toEqual([['temporal', 'temporal_unavailable']]);
    runner.nudge();
    await runner.close();
  });
});
