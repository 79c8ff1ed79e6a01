import { type GrantPayload } from '@rolecall/policy';
import { query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { RolecallError } from '../../src/errors/index.ts';
import {
  addMember,
  createGrants,
  createRole,
  deleteGrants,
  deleteRole,
  listGrants,
  listMembers,
  listRoles,
  removeMember,
  setMemberRoles,
  updateRole,
} from '../../src/roles/index.ts';
import {
  apply,
  type ModelMember,
  type ModelState,
  type Operation,
  ORG_ADMIN,
  usableAdmins,
} from './model.ts';
import { openRoom, type Room } from './room.ts';
import { brokenInvariants } from './traces.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const long = process.env['ROLECALL_LONG'] !== undefined;

const USERS = ['ann', 'bob', 'cem', 'dee'];
const ROLES = ['admin', 'member', 'r1', 'r2', 'r3'];
const NAMES = ['Support', 'SUPPORT', 'Ops', 'Admin', 'Клиент'];
const GRANTS = [ORG_ADMIN, 'project:read *', 'project:read p1', 'project:write p1', 'mcp:read s1'];

const user = fc.constantFrom(...USERS);
const users = fc.uniqueArray(user, { maxLength: 3 });
const role = fc.constantFrom(...ROLES);
const roles = fc.uniqueArray(role, { maxLength: 3 });
const grants = fc.uniqueArray(fc.constantFrom(...GRANTS), { maxLength: 3 });
const name = fc.constantFrom(...NAMES);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const version = maybe(fc.integer({ min: 1, max: 3 }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), user, roles: maybe(roles) }),
  fc.record({ do: fc.constant('remove' as const), user }),
  fc.record({ do: fc.constant('set' as const), user, roles }),
  fc.record({ do: fc.constantFrom('suspend' as const, 'activate' as const), user }),
  fc.record({
    do: fc.constant('create' as const),
    role: fc.constantFrom('r1', 'r2', 'r3'),
    name,
    grants,
    users,
  }),
  fc.record({
    do: fc.constant('update' as const),
    role,
    name: maybe(name),
    grants: maybe(grants),
    users: maybe(users),
    version,
  }),
  fc.record({ do: fc.constant('delete' as const), role, version }),
  fc.record({ do: fc.constantFrom('grant' as const, 'revoke' as const), user, grants }),
);

/** The real organization, and the ids of what the model knows by name. */
interface World {
  readonly room: Room;
  readonly roleIds: Map<string, string>;
}

const NOWHERE = '00000000-0000-4000-8000-000000000000';

it(
  'the commands do what the model says, and break no invariant on the way',
  { timeout: long ? 1_800_000 : 120_000 },
  async () => {
    const sequences = fc.array(operation, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(sequences, async (operations) => {
        const { world, initial } = await openWorld();
        let state = initial;
        for (const one of operations) {
          // A role of the model has one life; a name that is in use again is another role.
          if (one.do === 'create' && state.roles[one.role]) continue;
          const outcome = apply(state, one);
          expect(await codeOf(perform(world, one))).toBe('code' in outcome ? outcome.code : 'done');
          const suspended = one.do === 'suspend';
          const before = usableAdmins(state);
          if ('state' in outcome) state = outcome.state;
          if (!suspended && before > 0) expect(usableAdmins(state)).toBeGreaterThan(0);
          expect(await brokenInvariants(test.db)).toEqual([]);
        }
        expect(await observe(world)).toEqual(state);
      }),
      { numRuns: long ? 1_000 : 20 },
    );
  },
);

async function openWorld(): Promise<{ readonly world: World; readonly initial: ModelState }> {
  // One organization at a time, so that looking for broken invariants stays cheap.
  await query(test.db, { text: FORGET });
  const room = await openRoom(test.db);
  await room.add('ann', { roleIds: [room.adminRoleId] });
  await room.perform(removeMember, { userId: room.admin.userId ?? '' });
  const roleIds = new Map([
    ['admin', room.adminRoleId],
    ['member', room.memberRoleId],
  ]);
  const world = { room, roleIds };
  return { world, initial: await observe(world) };
}

const FORGET = `
  SET session_replication_role = replica;
  TRUNCATE rolecall.organizations, rolecall.users CASCADE;
  SET session_replication_role = DEFAULT`;

function perform({ room, roleIds }: World, one: Operation): Promise<unknown> {
  const idOf = (key: string): string => roleIds.get(key) ?? NOWHERE;
  switch (one.do) {
    case 'add':
      return room.perform(addMember, {
        id: one.user,
        email: `${one.user}@example.com`,
        ...(one.roles && { roleIds: one.roles.map(idOf) }),
      });
    case 'remove':
      return room.perform(removeMember, { userId: one.user });
    case 'set':
      return room.perform(setMemberRoles, { userId: one.user, roleIds: one.roles.map(idOf) });
    case 'suspend':
    case 'activate':
      return setStatus(room, one.user, one.do === 'suspend' ? 'inactive' : 'active');
    case 'create':
      return room
        .perform(createRole, {
          name: one.name,
          grants: toPayload(one.grants),
          memberIds: one.users,
        })
        .then(({ value }) => roleIds.set(one.role, value.id));
    case 'update':
      return room.perform(updateRole, {
        roleId: idOf(one.role),
        name: one.name,
        grants: one.grants && toPayload(one.grants),
        memberIds: one.users,
        ifMatch: one.version,
      });
    case 'delete':
      return room.perform(deleteRole, { roleId: idOf(one.role), ifMatch: one.version });
    case 'grant':
      return room.perform(createGrants, {
        principal: `user:${one.user}`,
        grants: toPayload(one.grants),
      });
    case 'revoke':
      return room.perform(deleteGrants, {
        principal: `user:${one.user}`,
        grants: toPayload(one.grants),
      });
  }
}

/** What WorkOS does to a member, as far as roles are concerned. */
async function setStatus(room: Room, userId: string, status: string): Promise<void> {
  const rows = await query(test.db, {
    text: `UPDATE rolecall.memberships SET status = $3
      WHERE organization_id = $1 AND user_id = $2 AND deleted_at IS NULL RETURNING id`,
    values: [room.id, userId, status],
  });
  if (rows.length === 0) throw new RolecallError('refusal', 'member_not_found', 'no such member');
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    if (error instanceof RolecallError && error.species === 'refusal') return error.code;
    throw error;
  }
}

/** The state of the organization as its lists show it, in the words of the model. */
async function observe({ room, roleIds }: World): Promise<ModelState> {
  const keys = new Map([...roleIds].map(([key, id]) => [id, key]));
  const page = { limit: 1_000 };
  const [members, listed, direct] = [
    await listMembers(test.db, room.id, page),
    await listRoles(test.db, room.id, page),
    await listGrants(test.db, room.id, page),
  ];
  const grantsOf = (principal: string): readonly string[] =>
    direct.data
      .filter((grant) => grant.principal === principal)
      .map(({ scope, selector }) => `${scope} ${selector.resource_id}`)
      .sort();
  return {
    members: Object.fromEntries(
      members.data.map(({ userId, status, roleIds: held }): [string, ModelMember] => [
        userId ?? '',
        {
          status: status === 'inactive' ? 'inactive' : 'active',
          roles: held.map((id) => keys.get(id) ?? id).sort(),
          grants: grantsOf(`user:${userId ?? ''}`),
        },
      ]),
    ),
    roles: Object.fromEntries(
      listed.data.map(({ id, name: called, grants: payload, version: at, kind }) => [
        keys.get(id) ?? id,
        { name: called, grants: fromPayload(payload), version: at, system: kind === 'global' },
      ]),
    ),
  };
}

function toPayload(keys: readonly string[]): readonly GrantPayload[] {
  return keys.map((key) => {
    const [scope = '', id = ''] = key.split(' ');
    const [kind = ''] = scope.split(':');
    return { scope, selectors: [{ resource_kind: kind, resource_id: id }] };
  });
}

function fromPayload(payload: readonly GrantPayload[]): readonly string[] {
  return payload
    .flatMap(({ scope, selectors = [{ resource_id: '*' }] }) =>
      selectors.map((selector) => `${scope} ${selector['resource_id'] ?? ''}`),
    )
    .sort();
}
