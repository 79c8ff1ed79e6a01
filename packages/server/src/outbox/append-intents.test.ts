import { inTransaction, query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, type Room } from '../../test/roles/room.ts';
import { intentsOf } from '../../test/roles/traces.ts';
import { lockOrganization } from '../identity/index.ts';
import { appendIntents, type Intent, priorities } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

async function linkedRoom(): Promise<Room> {
  const room = await openRoom(test.db);
  await room.link();
  return room;
}

const note = (room: Room, ...intents: readonly Intent[]) =>
  inTransaction(test.db, async (tx) => {
    await appendIntents(tx, await lockOrganization(tx, room.id), intents);
  });

const roleSet = (priority: Intent['priority']): Intent => ({
  kind: 'membership_roles',
  subjectId: 'm1',
  priority,
});

describe('an intent', () => {
  it('names a thing once, however often it changes', async () => {
    const room = await linkedRoom();
    for (let index = 0; index < 3; index += 1) await note(room, roleSet(priorities.assignment));
    expect(await intentsOf(test.db, room.id)).toEqual([
      { kind: 'membership_roles', subject_id: 'm1', priority: 2, local_version: 3 },
    ]);
  });

  it('is not noted in an organization that is not linked', async () => {
    const room = await openRoom(test.db);
    await note(room, roleSet(priorities.revocation));
    expect(await intentsOf(test.db, room.id)).toEqual([]);
  });

  it('takes its turn among the revocations until it is carried out', async () => {
    const room = await linkedRoom();
    const turn = async () => (await intentsOf(test.db, room.id))[0]?.priority;
    await note(room, roleSet(priorities.revocation));
    await note(room, roleSet(priorities.assignment));
    expect(await turn()).toBe(priorities.revocation);
    await query(test.db, {
      text: 'UPDATE rolecall.sync_entities SET pushed_version = local_version WHERE organization_id = $1',
      values: [room.id],
    });
    await note(room, roleSet(priorities.assignment));
    expect(await turn()).toBe(priorities.assignment);
    await note(room, roleSet(priorities.revocation));
    expect(await turn()).toBe(priorities.revocation);
  });

  it('of a role follows the newest change: a deletion waits for its turn', async () => {
    const room = await linkedRoom();
    const role = { kind: 'organization_role', subjectId: 'r1' } as const;
    await note(room, { ...role, priority: priorities.role });
    await note(room, { ...role, priority: priorities.roleDeletion });
    expect(await intentsOf(test.db, room.id)).toMatchObject([{ priority: 3, local_version: 2 }]);
  });
});
