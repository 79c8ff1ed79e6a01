import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SyncEntity } from '@rolecall/contract';
import { query } from '@rolecall/server/database';
import { buildMember, eventually } from '@rolecall/testkit';
import { openSyncPlace, type SyncPlace } from './sync-place.ts';

const organization = 'Acme';
const user = (index: number): string => `user${index}@acme.test`;
const LEAVERS = 6;

/** What happens in WorkOS is noticed by a comparison alone. */
const QUIET_STREAM = {
  match: { method: 'GET', path: '/events' },
  fault: { kind: 'reply', status: 200, body: { data: [], list_metadata: {} } },
} as const;

let place: SyncPlace;
let remoteId = '';
/** Both sides had Dee when they were linked, with other roles. */
const dee = 'dee@acme.test';

beforeAll(async () => {
  place = await openSyncPlace(({ dashboard, faults }) => {
    remoteId = dashboard.createOrganization({ name: organization }).id;
    dashboard.createRole({ organization, slug: 'org-auditor', name: 'Auditor' });
    dashboard.addMember({ organization, user: 'ada@acme.test', roles: ['admin'] });
    dashboard.addMember({ organization, user: 'bob@acme.test', roles: ['member'] });
    dashboard.addMember({ organization, user: dee, roles: ['admin'] });
    for (let index = 0; index < LEAVERS; index += 1) {
      dashboard.addMember({ organization, user: user(index), roles: ['org-auditor'] });
    }
    faults.add(QUIET_STREAM);
  });
  await place.wired.roles.createOrganization({
    id: 'acme',
    name: organization,
    workosId: remoteId,
  });
  await buildMember(place.test.db, 'acme', { userId: 'dee', email: dee });
  await query(place.test.db, {
    text: `INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
      SELECT m.organization_id, m.id, g.id, m.joined_at
        FROM rolecall.memberships m, rolecall.global_roles g
        WHERE m.email = $1 AND g.slug = 'member' ON CONFLICT DO NOTHING`,
    values: [dee],
  });
  await place.wired.sync?.start();
  await settled();
});
afterAll(() => place.close());

/** Nothing is on its way, and nobody is being compared. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const { value } = await place.json('sync', 'status');
    expect(value).toMatchObject({ comparing: 0, marked: 0, linked: 1, entities: { pending: 0 } });
  });
}

const entities = async (...filter: readonly string[]): Promise<readonly SyncEntity[]> => {
  const { value } = await place.json('sync', 'entities', ...filter);
  return (value as { readonly data: readonly SyncEntity[] }).data;
};

const rolesThere = (email: string): readonly string[] => {
  const { users, organization_memberships: memberships } = place.simulator.state();
  const person = users.find((one) => one['email'] === email);
  const found = memberships.find((one) => one['user_id'] === person?.['id']);
  const roles = (found?.['roles'] ?? []) as readonly { readonly slug: string }[];
  return roles.map((role) => role.slug).sort();
};

const memberOf = async (email: string) => {
  const { data } = await place.wired.roles.listMembers('acme', { search: email });
  return data.find((one) => one.email === email);
};

const setRoles = async (email: string, slugs: readonly string[]): Promise<void> => {
  const member = await memberOf(email);
  const { data } = await place.wired.roles.listRoles('acme', {});
  const roleIds = data.filter((role) => slugs.includes(role.slug)).map((role) => role.id);
  await place.wired.roles.setMemberRoles('acme', { userId: member?.userId ?? '', roleIds });
};

describe('rolecall sync choose', () => {
  it('takes the side that is named, of what waits for a person', async () => {
    const status = await place.run('sync', 'status');
    expect(status.code).toBe(11);
    expect(status.out).toContain('1 planned');
    const [planned] = await entities('--state', 'planned');
    expect(planned).toMatchObject({ reason: 'differs_at_link', kind: 'membership_roles' });
    const id = planned?.id ?? '';
    expect((await place.run('sync', 'choose', id, 'elsewhere')).code).toBe(2);
    const { code, out } = await place.run('sync', 'choose', id, 'here');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('here was chosen') as unknown,
    });
    await settled();
    expect(rolesThere(dee)).toEqual(['member']);
    expect(await entities()).toEqual([]);
    const again = await place.json('sync', 'choose', id, 'there');
    expect(again).toMatchObject({ code: 1, value: { error: { code: 'nothing_to_choose' } } });
    expect((await place.run('sync', 'status')).code).toBe(0);
  });
});

describe('rolecall sync drift and repair', () => {
  it('shows what differs and changes nothing without --apply, and mends it with it', async () => {
    const { dashboard } = place.simulator;
    dashboard.renameRole({ organization, slug: 'org-auditor', name: 'Inspector' });
    dashboard.changeMemberRoles({ organization, user: 'bob@acme.test', roles: ['org-auditor'] });
    for (const command of ['drift', 'repair']) {
      const { code, out } = await place.run('sync', command, 'acme');
      expect(code).toBe(11);
      expect(out).toContain('Inspector');
      expect(out).toContain('2 differences');
    }
    expect((await memberOf('bob@acme.test'))?.roleIds).toHaveLength(1);
    const { code, out } = await place.run('sync', 'repair', 'acme', '--apply');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('mended') as unknown,
    });
    const { data } = await place.wired.roles.listRoles('acme', {});
    const auditor = data.find((role) => role.slug === 'org-auditor');
    expect(auditor?.name).toBe('Inspector');
    expect((await memberOf('bob@acme.test'))?.roleIds).toEqual([auditor?.id]);
    const equal = await place.json('sync', 'drift', 'acme');
    expect(equal).toMatchObject({ code: 0, value: { total: 0, drift: [] } });
  });

  it('says that an organization is not linked, or is none', async () => {
    await place.wired.roles.createOrganization({ id: 'alone', name: 'Alone' });
    for (const [org, code] of [
      ['alone', 'organization_not_linked'],
      ['nobody', 'organization_not_found'],
    ] as const) {
      const refused = await place.json('sync', 'repair', org, '--apply');
      expect(refused).toMatchObject({ code: 1, value: { error: { code } } });
    }
  });
});

describe('rolecall sync retry', () => {
  const block = (times: number): void => {
    place.simulator.faults.add({
      match: { method: 'PUT' },
      fault: { kind: 'reply', status: 422, body: { code: 'multiple_roles_not_enabled' } },
      times,
    });
  };

  it('tries one entity again now', async () => {
    block(1);
    await setRoles('bob@acme.test', ['member']);
    const blocked = await eventually(async () => {
      const [one] = await entities('--state', 'blocked');
      expect(one).toMatchObject({ reason: 'multiple_roles_not_enabled' });
      return one;
    });
    const shown = await place.run('sync', 'entities', '--org', 'acme');
    expect(shown.out).toContain('Enable several roles');
    const { code, out } = await place.run('sync', 'retry', blocked?.id ?? '');
    expect({ code, out }).toEqual({ code: 0, out: '✓ 1 entity due now\n' });
    await eventually(async () => {
      expect(await entities()).toEqual([]);
    });
    expect(rolesThere('bob@acme.test')).toEqual(['member']);
  });

  it('tries all of an organization again', async () => {
    block(2);
    await setRoles('bob@acme.test', ['org-auditor']);
    await setRoles(dee, ['org-auditor']);
    await eventually(async () => {
      expect(await entities('--state', 'blocked')).toHaveLength(2);
    });
    const { code, out } = await place.run('sync', 'retry', '--all', '--org', 'acme');
    expect({ code, out }).toEqual({ code: 0, out: '✓ 2 entities due now\n' });
    await eventually(async () => {
      expect(await entities()).toEqual([]);
    });
    expect([rolesThere('bob@acme.test'), rolesThere(dee)]).toEqual([
      ['org-auditor'],
      ['org-auditor'],
    ]);
  });

  it('wants one entity or all, and says when there is none', async () => {
    expect((await place.run('sync', 'retry')).code).toBe(2);
    const id = '00000000-0000-0000-0000-000000000000';
    expect((await place.run('sync', 'retry', id, '--all')).code).toBe(2);
    const unknown = await place.json('sync', 'retry', id);
    expect(unknown).toMatchObject({ code: 1, value: { error: { code: 'sync_entity_not_found' } } });
  });
});

describe('rolecall sync release', () => {
  it('lets a removal of very many through that was held back, one way', async () => {
    await place.run('sync', 'settings', '--brake-count', '2', '--brake-percent', '0');
    for (let index = 0; index < LEAVERS; index += 1) {
      place.simulator.dashboard.removeMember({ organization, user: user(index) });
    }
    await place.run('sync', 'repair', 'acme', '--apply');
    await settled();
    expect(await entities('--state', 'planned')).toHaveLength(LEAVERS - 2);
    const status = await place.run('sync', 'status', 'acme');
    expect(status).toMatchObject({
      code: 11,
      out: expect.stringContaining('sync release') as unknown,
    });
    const other = await place.run('sync', 'release', 'acme', '--direction', 'to_workos');
    expect(other).toMatchObject({ code: 0, out: 'nothing was held back\n' });
    const { code, out } = await place.run('sync', 'release', 'acme');
    expect({ code, out }).toEqual({ code: 0, out: '✓ released, for an hour\n' });
    await eventually(async () => {
      expect(await entities()).toEqual([]);
    });
    expect(await memberOf(user(LEAVERS - 1))).toBeUndefined();
  });
});

describe('rolecall sync replay', () => {
  it('tries quarantined events again, and says how many cannot be read still', async () => {
    const { dashboard, faults } = place.simulator;
    faults.heal();
    const broken = ['om_one', 'om_two'];
    for (const id of broken) {
      dashboard.emitEvent({ event: 'organization_membership.updated', data: { id } });
    }
    place.wired.sync?.nudge();
    const listed = await eventually(async () => {
      const { value } = await place.json('sync', 'events');
      const { data } = value as { readonly data: readonly { readonly id: string }[] };
      expect(data).toHaveLength(2);
      return data;
    });
    const still = await place.run('sync', 'replay');
    expect(still).toMatchObject({
      code: 11,
      out: '✓ 0 events in order now; 2 still quarantined\n',
    });
    await query(place.test.db, {
      text: `UPDATE rolecall.sync_inbox SET data = data || jsonb_build_object(
        'organization_id', $1::text, 'user_id', 'user_x', 'status', 'active') WHERE state = 'quarantined'`,
      values: [remoteId],
    });
    const one = await place.run('sync', 'replay', listed[0]?.id ?? '');
    expect(one).toMatchObject({ code: 11, out: '✓ 1 event in order now; 1 still quarantined\n' });
    const rest = await place.run('sync', 'replay');
    expect(rest).toMatchObject({ code: 0, out: '✓ 1 event in order now\n' });
    await settled();
  });
});
