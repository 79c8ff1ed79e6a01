import { createTestDatabase } from '@rolecall/testkit';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { query } from '../../database/index.ts';
import {
  compareMarks,
  openWorkos,
  pinEnvironment,
  readMultipleRoles,
  unpinEnvironment,
  type WorkosPort,
} from '../index.ts';

const test = await createTestDatabase();
const { db } = test;
afterAll(() => test.close());
beforeEach(() => unpinEnvironment(db));

async function start(options = {}): Promise<{ simulator: Simulator; port: WorkosPort }> {
  const simulator = await startSimulator(options);
  const workos = openWorkos({ db, apiKey: simulator.apiKey, apiUrl: simulator.url });
  onTestFinished(async () => {
    await workos.close();
    await simulator.close();
  });
  return { simulator, port: workos.port };
}

describe('INVARIANT (one environment): a database', () => {
  it('belongs to the first environment it sees, and knows it again', async () => {
    const { port } = await start();
    expect(await pinEnvironment(db, await port.readEnvironmentMark())).toBe('pinned');
    expect(await pinEnvironment(db, await port.readEnvironmentMark())).toBe('same');
  });

  it('does not take another one for it, and stays as it was', async () => {
    const [production, staging] = [await start(), await start({ seed: 'staging' })];
    await pinEnvironment(db, await production.port.readEnvironmentMark());
    expect(await pinEnvironment(db, await staging.port.readEnvironmentMark())).toBe('other');
    expect(await pinEnvironment(db, await production.port.readEnvironmentMark())).toBe('same');
  });

  it('follows its environment through changes of roles', async () => {
    const { simulator, port } = await start();
    const pin = async () => pinEnvironment(db, await port.readEnvironmentMark());
    await pin();
    simulator.dashboard.createRole({ slug: 'editor', name: 'Editor' });
    expect(await pin()).toBe('same');
    simulator.dashboard.deleteRole({ slug: 'admin' });
    expect(await pin()).toBe('same');
    simulator.dashboard.setDefaultRole({ slug: 'editor' });
    simulator.dashboard.deleteRole({ slug: 'member' });
    expect(await pin()).toBe('same');
  });

  it('learns nothing from an environment without roles', async () => {
    expect(await pinEnvironment(db, { roleIds: [] })).toBe('unknown');
    expect(compareMarks({ roleIds: ['a'] }, { roleIds: [] })).toBe('unknown');
  });

  it('is pinned by one of two processes that start at once', async () => {
    const { port } = await start();
    const mark = await port.readEnvironmentMark();
    const results = await Promise.all([pinEnvironment(db, mark), pinEnvironment(db, mark)]);
    expect(results.sort()).toEqual(['pinned', 'same']);
  });
});

describe('whether a membership may hold several roles', () => {
  async function startWithMember(multipleRoles: boolean) {
    const { simulator, port } = await start({ multipleRoles });
    await pinEnvironment(db, await port.readEnvironmentMark());
    const organization = simulator.dashboard.createOrganization({ name: 'Acme' }).id;
    const user = 'ada@acme.example';
    const { id } = simulator.dashboard.addMember({ organization, user });
    const both = () => port.setMembershipRoles(id, ['admin', 'member']);
    return { simulator, port, organization, user, id, both };
  }

  it('is unknown at first, and after a write of one role', async () => {
    const { port, id } = await startWithMember(true);
    await port.setMembershipRoles(id, ['admin']);
    await port.getMembership(id);
    expect(await readMultipleRoles(db)).toBe('unknown');
  });

  it('is known from a write that succeeds', async () => {
    const { both } = await startWithMember(true);
    await both();
    expect(await readMultipleRoles(db)).toBe('enabled');
  });

  it('is known from a write that is refused, until a day has passed', async () => {
    const { both } = await startWithMember(false);
    await expect(both()).rejects.toMatchObject({ code: 'multiple_roles_not_enabled' });
    expect(await readMultipleRoles(db)).toBe('disabled');
    await query(db, {
      text: `UPDATE rolecall.workos_environment SET multiple_roles_at = now() - interval '25 hours'`,
    });
    expect(await readMultipleRoles(db)).toBe('unknown');
    await expect(both()).rejects.toMatchObject({ code: 'multiple_roles_not_enabled' });
    expect(await readMultipleRoles(db)).toBe('disabled');
  });

  it('is known from a membership that holds several', async () => {
    const { simulator, port, organization, user } = await startWithMember(true);
    simulator.dashboard.changeMemberRoles({ organization, user, roles: ['admin', 'member'] });
    await port.listMemberships({ organizationId: organization });
    expect(await readMultipleRoles(db)).toBe('enabled');
  });

  it('is not believed from memberships that kept several after it was turned off', async () => {
    const { simulator, port, both, id } = await startWithMember(true);
    await both();
    simulator.dashboard.setMultipleRoles({ enabled: false });
    simulator.dashboard.createRole({ slug: 'editor', name: 'Editor' });
    const change = port.setMembershipRoles(id, ['admin', 'editor']);
    await expect(change).rejects.toMatchObject({ code: 'multiple_roles_not_enabled' });
    await port.getMembership(id);
    expect(await readMultipleRoles(db)).toBe('disabled');
  });
});
