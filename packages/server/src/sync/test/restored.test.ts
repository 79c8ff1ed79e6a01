import { eventually } from '@rolecall/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createRole, updateRole } from '../../roles/index.ts';
import { RestoreGuard } from '../drain/index.ts';
import {
  confirmRestored,
  createPostgresRunner,
  findRestoredNotice,
  listSyncEntities,
  writeSettings,
} from '../index.ts';
import { openWorld, type World } from './world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function marked(): Promise<{ world: World; roleId: string }> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
    },
  });
  worlds.push(world);
  const restore = new RestoreGuard(world.test.db, world.workos.port);
  await world.drain({ restore });
  const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.drain({ restore });
  return { world, roleId: id };
}

const markThere = async (world: World) =>
  (await world.workos.port.getOrganization(world.remoteId)).metadata['rolecall'];
const markAgain = (world: World) =>
  world.rows('UPDATE rolecall.sync_organizations SET marked_at = NULL');
const fresh = (world: World) => new RestoreGuard(world.test.db, world.workos.port);
const sent = (world: World) =>
  world.simulator.requests.list().filter(({ method }) => method !== 'GET');

/** As a backup of an earlier time would: the revision here is behind the one that WorkOS has seen. */
async function restoreBackup(world: World): Promise<void> {
  const [own] = await world.rows<{ mark: string }>(
    `SELECT 'v1 ' || epoch || ' ' || (SELECT system_identifier FROM pg_control_system()) || ' ' ||
       (SELECT revision + 10 FROM rolecall.organization_state) AS mark FROM rolecall.environment`,
  );
  const metadata = { rolecall: own?.mark ?? '' };
  await world.workos.port.updateOrganization(world.remoteId, { metadata });
}

describe('INVARIANT (restored database)', () => {
  it('leaves a mark in WorkOS, and renews it when something was changed', async () => {
    const { world, roleId } = await marked();
    const first = await markThere(world);
    expect(first).toMatch(/^v1 [0-9a-f-]{36} \d+ \d+$/);
    await world.run(updateRole, { roleId, name: 'Inspector' });
    await world.drain({ restore: fresh(world) });
    expect(await markThere(world)).toBe(first);
    await markAgain(world);
    await world.drain({ restore: fresh(world) });
    expect(await markThere(world)).not.toBe(first);
    expect(await findRestoredNotice(world.test.db)).toBeUndefined();
  });

  it('sends nothing from a database that is behind its mark, until a person has confirmed', async () => {
    const { world, roleId } = await marked();
    await restoreBackup(world);
    await world.run(updateRole, { roleId, name: 'Inspector' });
    world.simulator.requests.clear();
    await world.drain({ restore: fresh(world) });
    expect(sent(world)).toEqual([]);
    expect(await findRestoredNotice(world.test.db)).toMatchObject({ organizationId: 'acme' });
    const { data: plan } = await listSyncEntities(world.test.db, { state: 'planned', limit: 10 });
    expect(plan).toMatchObject([{ kind: 'organization_role', reason: 'observe_only' }]);
    expect(await confirmRestored(world.test.db)).toBe(true);
    expect(await confirmRestored(world.test.db)).toBe(false);
    await world.drain({ restore: fresh(world) });
    const there = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
    expect(there.name).toBe('Inspector');
    expect(await findRestoredNotice(world.test.db)).toBeUndefined();
  });

  it('changes the epoch, so that answers of the lost time are not compared with new ones', async () => {
    const { world } = await marked();
    const epoch = async () => (await world.rows('SELECT epoch FROM rolecall.environment'))[0];
    const before = await epoch();
    await restoreBackup(world);
    await world.drain({ restore: fresh(world) });
    expect(await epoch()).not.toEqual(before);
  });

  it('stops the database that was replaced, should it come back', async () => {
    const { world } = await marked();
    const mark = (await markThere(world)) ?? '';
    const metadata = { rolecall: mark.replace(/ [0-9a-f-]{36} /, ` ${crypto.randomUUID()} `) };
    await world.workos.port.updateOrganization(world.remoteId, { metadata });
    await world.drain({ restore: fresh(world) });
    expect(await findRestoredNotice(world.test.db)).toBeDefined();
  });

  it('asks once for each process, and never where marks are turned off', async () => {
    const { world } = await marked();
    const restore = fresh(world);
    world.simulator.requests.clear();
    for (let turn = 0; turn < 3; turn += 1) await world.drain({ restore });
    expect(world.simulator.requests.counts().total).toBe(1);
    await writeSettings(world.test.db, { marker: false });
    await restoreBackup(world);
    await world.drain({ restore: fresh(world) });
    expect(await findRestoredNotice(world.test.db)).toBeUndefined();
  });

  it('is kept by the runner', async () => {
    const { world, roleId } = await marked();
    await restoreBackup(world);
    await world.run(updateRole, { roleId, name: 'Inspector' });
    world.simulator.requests.clear();
    const { db, url } = world.test;
    const runner = createPostgresRunner({ db, url, workos: world.workos, timers: false });
    try {
      await runner.start();
      await eventually(async () => {
        expect(await findRestoredNotice(db)).toBeDefined();
        const [one] = (await listSyncEntities(db, { state: 'planned', limit: 10 })).data;
        expect(one).toMatchObject({ reason: 'observe_only' });
      });
    } finally {
      await runner.close();
    }
    expect(sent(world)).toEqual([]);
  });
});
