import { join } from 'node:path';
import { eventually } from '@rolecall/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRole, updateRole } from '../../roles/index.ts';
import { createPostgresRunner } from '../runner/index.ts';
import { describeRunner } from './runner-conformance.ts';
import { openWorld } from './world.ts';

describe('the postgres runner', () => {
  describeRunner('it', {
    open: ({ test, workos }) =>
      createPostgresRunner({ db: test.db, url: test.url, workos, timers: false }),
    program: join(import.meta.dirname, 'postgres-runner-program.ts'),
    moreArguments: () => [],
  });

  it('sends the first call within milliseconds of the commit', async () => {
    const world = await openWorld();
    const { test, workos } = world;
    const runner = createPostgresRunner({ db: test.db, url: test.url, workos, timers: false });
    onTestFinished(async () => {
      await runner.close();
      await world.close();
    });
    await runner.start();
    const role = await world.run(createRole, { name: 'Auditor', grants: [] });
    const settled = async (): Promise<void> => {
      expect((await world.entities()).filter((entity) => entity.pending)).toEqual([]);
    };
    await eventually(settled);
    const delays: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const { total } = world.simulator.requests.counts();
      await world.run(updateRole, { roleId: role.id, name: `Auditor ${turn}` });
      const committed = performance.now();
      while (world.simulator.requests.counts().total === total) await new Promise(setImmediate);
      delays.push(performance.now() - committed);
      await eventually(settled);
    }
    const median = delays.toSorted((one, other) => one - other)[10] ?? Infinity;
    // The goal is 25 ms on a machine that has nothing else to do; here it must only be of that order.
    expect(median).toBeLessThan(250);
  }, 60_000);

  it('shares its timers with every other process of the database', async () => {
    const world = await openWorld();
    const { test, workos } = world;
    const errors: unknown[] = [];
    const runners = [1, 2].map(() =>
      createPostgresRunner({
        db: test.db,
        url: test.url,
        workos,
        report: (report) => errors.push(report),
      }),
    );
    onTestFinished(async () => {
      await Promise.all(runners.map((runner) => runner.close()));
      await world.close();
    });
    await Promise.all(runners.map((runner) => runner.start()));
    const schedules = await world.rows<{ name: string }>(
      'SELECT name FROM rolecall_timers.schedule ORDER BY name',
    );
    expect(schedules.map((row) => row.name)).toEqual(['compare', 'pull', 'sample', 'sweep']);
    expect(errors).toEqual([]);
  }, 60_000);
});
