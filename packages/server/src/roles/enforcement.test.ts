import { query } from '@rolecall/server/database';
import { buildMember, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { tracesFrom } from '../../test/roles/traces.ts';
import { getEnforcement, getOrganization, preflight, setEnforcement } from './index.ts';
import { judgePreflight } from './preflight.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

type State = 'off' | 'shadow' | 'enforced';
const turn = (room: Room, state: State) => room.perform(setEnforcement, { state });

describe('enforcement', () => {
  it('is turned off, to shadow and on again, each time with a trace', async () => {
    const room = await openRoom(test.db);
    for (const [before, state] of [
      ['enforced', 'off'],
      ['off', 'shadow'],
      ['shadow', 'enforced'],
    ] as const) {
      const { value, revision } = await turn(room, state);
      expect(value.state).toBe(state);
      expect((await getEnforcement(test.db, room.id)).state).toBe(state);
      expect((await getOrganization(test.db, room.id)).enforcement).toBe(state);
      expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
        changes: [{ what: { organization: true } }],
        audit: [{ action: 'enforcement.changed', before: { state: before }, after: { state } }],
      });
    }
  });

  it('leaves no trace when it is what it was', async () => {
    const room = await openRoom(test.db);
    const { revision } = await turn(room, 'enforced');
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: {} }],
      audit: [],
    });
  });

  it('is not turned on before the organization is ready, and says why', async () => {
    const room = await openRoom(test.db, { enforcement: 'off' });
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1`,
      values: [room.id],
    });
    await buildMember(test.db, room.id, { userId: 'without' });
    await expect(turn(room, 'enforced')).rejects.toMatchObject({
      code: 'preflight_failed',
      details: {
        problems: [{ path: 'usable_admin' }, { path: 'members_have_roles' }],
        items: [
          { name: 'system_roles', passed: true },
          { name: 'usable_admin', passed: false },
          { name: 'members_have_roles', passed: false, message: '`without` holds no role' },
        ],
      },
    });
    expect((await getEnforcement(test.db, room.id)).state).toBe('off');
    expect((await turn(room, 'shadow')).value.preflight.ready).toBe(false);
  });

  it('is ready where an active admin is there and everybody holds a role', async () => {
    const room = await openRoom(test.db);
    expect(await preflight(test.db, room.id)).toMatchObject({ ready: true });
  });

  it('is not known of an organization that is not there', async () => {
    await expect(getEnforcement(test.db, 'nowhere')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    await expect(preflight(test.db, 'nowhere')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});

describe('the preflight', () => {
  it('misses a system role that is gone', () => {
    const facts = {
      adminRole: true,
      memberRole: false,
      usableAdmin: true,
      memberWithoutRole: null,
    };
    expect(judgePreflight(facts)).toMatchObject({
      ready: false,
      items: [
        { name: 'system_roles', passed: false, message: 'the organization has no role `member`' },
        { passed: true },
        { passed: true },
      ],
    });
  });
});
