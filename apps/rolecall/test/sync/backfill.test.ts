import { afterEach, describe, expect, it } from 'vitest';
import { query } from '@rolecall/server/database';
import { pinEnvironment } from '../../../../packages/server/src/workos/index.ts';
import { openSyncPlace, type SyncPlace } from './sync-place.ts';

let place: SyncPlace | undefined;
afterEach(async () => {
  await place?.close();
  place = undefined;
});

const LIST = { method: 'GET', path: '/user_management/organization_memberships' } as const;

/** An environment that was there before Rolecall: one organization is linked, a large one is not known. */
async function existing(members: number): Promise<SyncPlace> {
  place = await openSyncPlace(({ dashboard }) => {
    dashboard.createOrganization({ name: 'Acme' });
    dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
    dashboard.createOrganization({ name: 'Initech' });
    dashboard.createRole({ organization: 'Initech', slug: 'org-auditor', name: 'Auditor' });
    for (let index = 0; index < members; index += 1) {
      const user = `user${index}@initech.test`;
      dashboard.addMember({ organization: 'Initech', user, roles: ['org-auditor'] });
    }
  });
  await place.wired.roles.createOrganization({
    id: 'acme',
    name: 'Acme',
    workosId: idOf(place, 'Acme'),
  });
  return place;
}

function idOf({ simulator }: SyncPlace, name: string): string {
  const found = simulator.state().organizations.find((one) => one['name'] === name);
  return String(found?.['id']);
}

const members = ({ test }: SyncPlace) =>
  query<{ name: string; enforcement: string; members: number }>(test.db, {
    text: `SELECT o.name, s.enforcement, s.member_count::int AS members
      FROM rolecall.organizations o JOIN rolecall.organization_state s ON s.organization_id = o.id
      ORDER BY o.name`,
  });

describe('rolecall sync backfill', () => {
  it('says what it would do and changes nothing without --apply', async () => {
    const world = await existing(3);
    const { code, out } = await world.run('sync', 'backfill');
    expect(code).toBe(11);
    expect(out).toContain('! Acme (acme): 0 roles, 1 membership differ');
    expect(out).toContain(
      `+ Initech (${idOf(world, 'Initech')}): not here yet, with 1 role, 3 memberships`,
    );
    expect(out).toContain('--apply');
    expect((await members(world)).map(({ name }) => name)).toEqual(['Acme']);
  });

  it('takes the environment in with --apply, and finds it equal afterwards', async () => {
    const world = await existing(3);
    const { code, value } = await world.json('sync', 'backfill', '--apply');
    expect({ code, value }).toMatchObject({
      code: 0,
      value: {
        applied: true,
        not_in_workos: [],
        organizations: [
          { name: 'Acme', organization_id: 'acme', memberships: { differing: 1 } },
          { name: 'Initech', roles: { differing: 1 }, memberships: { differing: 3 } },
        ],
      },
    });
    expect(await members(world)).toEqual([
      { name: 'Acme', enforcement: 'enforced', members: 1 },
      { name: 'Initech', enforcement: 'off', members: 3 },
    ]);
    const again = await world.run('sync', 'backfill');
    expect(again).toMatchObject({ code: 0, out: '2 organizations compared, all equal\n' });
  });

  it('goes on where it was cut off', async () => {
    const world = await existing(250);
    // The plan reads three pages of the large organization, and its comparison breaks at the second.
    const broken = world.simulator.faults.add({
      match: LIST,
      fault: { kind: 'error', stage: 'before', status: 500 },
      nth: [7],
    });
    const cut = await world.run('sync', 'backfill', '--apply');
    expect(cut).toMatchObject({ code: 3, out: '' });
    expect(cut.err).toContain('WorkOS cannot be asked');
    expect((await members(world)).map((one) => one.members)).toEqual([1, 100]);
    world.simulator.faults.remove(broken);
    world.simulator.requests.clear();
    expect((await world.run('sync', 'backfill', '--apply')).code).toBe(0);
    expect((await members(world)).map((one) => one.members)).toEqual([1, 250]);
  }, 60_000);

  it('compares those alone that are named, by their id here or in WorkOS, or that are linked', async () => {
    const world = await existing(1);
    const names = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { value } = await world.json('sync', 'backfill', ...args);
      return (value as { organizations: readonly { name: string }[] }).organizations.map(
        ({ name }) => name,
      );
    };
    expect(await names('acme')).toEqual(['Acme']);
    expect(await names(idOf(world, 'Initech'))).toEqual(['Initech']);
    expect(await names('--linked')).toEqual(['Acme']);
    const unknown = await world.json('sync', 'backfill', 'nowhere');
    expect(unknown).toMatchObject({ code: 1, value: { error: { code: 'workos_refused' } } });
  });

  it('names linked organizations that WorkOS does not list', async () => {
    const world = await existing(0);
    const { roles } = world.wired;
    await roles.createOrganization({ id: 'gone', name: 'Gone', workosId: 'org_01GONE' });
    const { code, out } = await world.run('sync', 'backfill', '--apply');
    expect(code).toBe(11);
    expect(out).toContain('✗ gone: WorkOS does not list it');
  });

  it('does nothing with the key of another environment', async () => {
    const world = await existing(1);
    await pinEnvironment(world.test.db, { roleIds: ['role_of_another'] });
    const { code, err } = await world.run('sync', 'backfill', '--apply');
    expect(code).toBe(1);
    expect(err).toContain('belongs to another environment');
    expect((await members(world)).map(({ name }) => name)).toEqual(['Acme']);
  });

  it('needs a WorkOS', async () => {
    const { run, environment } = await existing(0);
    Object.assign(environment, { WORKOS_API_KEY: '' });
    expect(await run('sync', 'backfill')).toMatchObject({
      code: 2,
      err: expect.stringContaining('WORKOS_API_KEY') as unknown,
    });
  });
});
