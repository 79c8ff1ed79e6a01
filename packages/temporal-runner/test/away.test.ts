import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRole, updateRole } from '../../server/src/roles/index.ts';
import { allSent, openPeopled, takenIn } from '../../server/src/sync/test/runner-under-test.ts';
import { type World } from '../../server/src/sync/test/world.ts';
import { temporalRunner } from '../src/index.ts';
import { findProgram } from './server/program.ts';
import { startTemporalServer, type TemporalServer } from './server/start.ts';
import { writeBundle } from './write-bundle.ts';

/** A call is tried again by the client for ten seconds; a wake-up that was to be told is let go of after that. */
const LONGER_THAN_A_CALL_MS = 11_500;

let server: TemporalServer;
let bundlePath: string;

async function running(): Promise<World> {
  const world = await openPeopled();
  const { test, workos } = world;
  const runner = temporalRunner({
    connection: { address: server.address, namespace: 'default' },
    bundlePath,
    schedules: false,
  })({ db: test.db, url: test.url, workos, report: () => undefined });
  onTestFinished(async () => {
    await runner.close();
    await world.close();
  });
  await runner.start();
  return world;
}

const nameThere = async ({ workos, remoteId }: World) =>
  (await workos.port.getOrganizationRole(remoteId, 'org-auditor')).name;

describe.skipIf(findProgram() === undefined)(
  'INVARIANT (no wake-up lost): the temporal runner',
  () => {
    beforeAll(async () => {
      [server, bundlePath] = await Promise.all([startTemporalServer(), writeBundle()]);
    });
    afterAll(() => server.close());

    it('goes on when Temporal was killed and comes back with its file', async () => {
      const world = await running();
      await takenIn(world);
      const role = await world.run(createRole, { name: 'Auditor', grants: [] });
      // What was told so far has been worked on, and Temporal has nothing of it left to go on with.
      await sleep(2_000);
      await server.kill();
      await world.run(updateRole, { roleId: role.id, name: 'Inspector' });
      await sleep(LONGER_THAN_A_CALL_MS);
      await server.restart();
      await allSent(world, 60_000);
      expect(await nameThere(world)).toBe('Inspector');
      await world.run(updateRole, { roleId: role.id, name: 'Examiner' });
      await allSent(world, 60_000);
      expect(await nameThere(world)).toBe('Examiner');
    }, 180_000);

    it('goes on when Temporal is killed in the middle of its work, and again', async () => {
      const world = await running();
      await takenIn(world);
      world.simulator.faults.add({ match: { method: 'POST' }, fault: { kind: 'delay', ms: 150 } });
      for (let number = 1; number <= 20; number += 1) {
        await world.run(createRole, { name: `Role ${number}`, grants: [] });
        if (number % 8 !== 0) continue;
        await server.kill();
        await server.restart();
      }
      await allSent(world, 90_000);
    }, 180_000);

    it('waits for a Temporal that is not there yet, with the work in PostgreSQL', async () => {
      await server.kill();
      const world = await running();
      await world.run(createRole, { name: 'Auditor', grants: [] });
      await sleep(500);
      expect((await world.entities()).some((entity) => entity.pending)).toBe(true);
      await server.restart();
      await takenInWithRole(world);
      expect(await nameThere(world)).toBe('Auditor');
    }, 120_000);
  },
);

async function takenInWithRole(world: World): Promise<void> {
  await expect
    .poll(async () => (await world.entities()).map(({ state }) => state), { timeout: 60_000 })
    .toEqual(['idle', 'idle', 'idle']);
}
