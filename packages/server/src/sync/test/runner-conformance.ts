import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@rolecall/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createRole, setMemberRoles, updateRole } from '../../roles/index.ts';
import { pinEnvironment } from '../../workos/index.ts';
import { describeCrashes } from './runner-crashes.ts';
import { allSent, openRunning, type RunnerUnderTest, shareRunning } from './runner-under-test.ts';
import { openWorld } from './world.ts';

/** What every runner has to do, whatever it runs on. */
export function describeRunner(name: string, runner: RunnerUnderTest): void {
  const { open } = runner;
  const alone = shareRunning(runner, 1);
  const beside = shareRunning(runner, 2);

  it(`${name} takes a linked organization in by itself`, async () => {
    const { world } = await alone();
    expect((await world.member('ada@acme.test')).slugs).toEqual(['admin']);
  });

  it(`${name} carries a change out without being told`, async () => {
    const { world } = await alone();
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await eventually(async () => {
      const role = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
      expect(role.name).toBe('Auditor');
    });
  });

  it(`${name} takes a change of WorkOS's over when it is nudged`, async () => {
    const { world, runners } = await alone();
    const bob = { organization: 'Acme', user: 'bob@acme.test' };
    world.simulator.dashboard.changeMemberRoles({ ...bob, roles: ['admin'] });
    for (const runner of runners) runner.nudge();
    await eventually(async () => {
      expect((await world.member('bob@acme.test')).slugs).toEqual(['admin']);
    });
  });

  it(`${name} works beside others without doing anything twice`, async () => {
    const { world } = await beside();
    const [ada, bob] = [await world.member('ada@acme.test'), await world.member('bob@acme.test')];
    const role = await world.run(createRole, { name: 'Auditor', grants: [] });
    await world.run(setMemberRoles, { userId: bob.userId, roleIds: [...bob.roleIds, role.id] });
    await world.run(setMemberRoles, { userId: ada.userId, roleIds: [...ada.roleIds, role.id] });
    await world.run(updateRole, { roleId: role.id, name: 'Inspector' });
    await allSent(world);
    expect(world.rolesThere('bob@acme.test')).toEqual(['member', 'org-auditor']);
    const created = world.simulator.requests
      .list()
      .filter((request) => request.method === 'POST' && request.status === 201);
    expect(created).toHaveLength(1);
  });

  it(`${name} goes on when WorkOS comes back`, async () => {
    const { world } = await alone();
    world.simulator.faults.outage('error');
    await world.run(createRole, { name: 'Delayed', grants: [] });
    await sleep(500);
    world.simulator.faults.heal();
    await allSent(world, 30_000);
  }, 40_000);

  it(`INVARIANT (one environment): ${name} touches nothing with the key of another environment`, async () => {
    const world = await openWorld();
    const runner = open(world);
    onTestFinished(async () => {
      await runner.close();
      await world.close();
    });
    await pinEnvironment(world.test.db, { roleIds: ['role_of_another'] });
    await world.run(createRole, { name: 'Auditor', grants: [] });
    await runner.start();
    const asked = () => new Set(world.simulator.requests.list().map((request) => request.path));
    await eventually(() => {
      expect(asked()).toContain('/authorization/roles');
    });
    await sleep(500);
    expect(asked()).toEqual(new Set(['/authorization/roles']));
    expect(await world.rows('SELECT FROM rolecall.sync_marks')).toEqual([]);
  });

  it(`${name} goes on when its connections to PostgreSQL are cut`, async () => {
    const { world } = await openRunning(runner);
    await world.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await sleep(50);
    await eventually(() => world.run(createRole, { name: 'Auditor', grants: [] }));
    await eventually(async () => {
      const role = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
      expect(role.name).toBe('Auditor');
    });
  }, 40_000);

  it(`${name} ends cleanly, and what is left is done by the next one`, async () => {
    const { world, runners } = await openRunning(runner);
    await Promise.all(runners.map((runner) => runner.close()));
    await world.run(createRole, { name: 'Auditor', grants: [] });
    const next = open(world);
    onTestFinished(() => next.close());
    await next.start();
    await eventually(async () => {
      const role = await world.workos.port.getOrganizationRole(world.remoteId, 'org-auditor');
      expect(role.name).toBe('Auditor');
    });
  });

  describeCrashes(name, runner, { alone, beside });
}
