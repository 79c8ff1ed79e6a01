import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRole, getRole, type RoleChange, updateRole } from '../../src/roles/index.ts';
import { openRoom, type Room } from './room.ts';

/*
 * What a command answers, and its history says, is worked out from what was read under the lock and what was
 * written. Reading it again gives the same.
 */
const test = await createTestDatabase();
afterAll(() => test.close());

const projects = (...ids: readonly string[]) => [
  {
    scope: 'project:read',
    selectors: ids.map((resource_id) => ({ resource_kind: 'project', resource_id })),
  },
];

let room: Room;
let roleId: string;
beforeAll(async () => {
  room = await openRoom(test.db);
  await room.add('ann');
  await room.add('bob');
  const { value } = await room.perform(createRole, {
    name: 'Support',
    description: 'Answers',
    grants: projects('p1', 'p2'),
    memberIds: ['ann'],
  });
  expect(value).toEqual(await getRole(test.db, room.id, value.id));
  roleId = value.id;
});

const changes: readonly (readonly [string, Omit<RoleChange, 'roleId'>])[] = [
  ['a name', { name: 'Care' }],
  ['a description', { description: null }],
  ['some other grants', { grants: projects('p2', 'p3') }],
  [
    'grants of several scopes and effects',
    {
      grants: [
        { scope: 'mcp:read', selectors: [{ resource_kind: 'mcp', resource_id: 'm1', tool: 't' }] },
        ...projects('p9', 'p2'),
        { ...projects('p4')[0], scope: 'project:read', effect: 'deny' },
        { scope: 'environment:read' },
      ],
    },
  ],
  ['more holders', { memberIds: ['ann', 'bob'] }],
  ['fewer holders', { memberIds: [] }],
  ['everything', { name: 'All', description: 'x', grants: projects('p1'), memberIds: ['bob'] }],
  ['nothing', { name: 'All' }],
];

describe('an update answers with the role as it is stored', () => {
  it.each(changes)('when it changes %s', async (_, change) => {
    const { value } = await room.perform(updateRole, { roleId, ...change });
    expect(value).toEqual(await getRole(test.db, room.id, roleId));
  });

  it('when the role is a global one', async () => {
    const { value } = await room.perform(updateRole, {
      roleId: room.memberRoleId,
      grants: projects('p1'),
      memberIds: ['ann'],
    });
    expect(value).toEqual(await getRole(test.db, room.id, room.memberRoleId));
  });
});
