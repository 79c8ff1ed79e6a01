import { inTransaction } from '@rolecall/server/database';
import { afterAll, expect, it } from 'vitest';
import {
  buildApiKey,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  buildUser,
  createTestDatabase,
} from '../index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

it('builds an organization whose counters agree with its rows', async () => {
  const organization = await buildOrganization(test.db);
  const role = await buildRole(test.db, organization.id, {
    grants: [{ scope: 'project:read', resourceId: 'p1' }],
  });
  await buildMember(test.db, organization.id, { roleIds: [role.id, organization.adminRoleId] });
  await buildMember(test.db, organization.id, { userId: null });

  const state = await test.db
    .selectFrom('organization_state')
    .selectAll()
    .where('organization_id', '=', organization.id)
    .executeTakeFirstOrThrow();
  expect(state).toMatchObject({ member_count: 2, role_count: 3, enforcement: 'enforced' });
});

it('builds inside a transaction', async () => {
  const organization = await inTransaction(test.db, (tx) => buildOrganization(tx));
  const rows = await test.db
    .selectFrom('grants')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('organization_id', '=', organization.id)
    .executeTakeFirstOrThrow();
  expect(rows.count).toBe(14);
});

it('gives grants to a member, a role and an API key', async () => {
  const { id } = await buildOrganization(test.db, { systemGrants: false });
  const user = await buildUser(test.db);
  const member = await buildMember(test.db, id, { userId: user.id });
  const key = await buildApiKey(test.db, { organizationId: id });
  await buildGrant(test.db, id, { membershipId: member.membershipId, dimensions: { tool: 'x' } });
  await buildGrant(test.db, id, { apiKeyId: key.id, effect: 'deny' });

  const grants = await test.db
    .selectFrom('grants')
    .select(['membership_id', 'api_key_id', 'effect', 'dimensions'])
    .where('organization_id', '=', id)
    .orderBy('id')
    .execute();
  expect(grants).toEqual([
    {
      membership_id: member.membershipId,
      api_key_id: null,
      effect: 'allow',
      dimensions: { tool: 'x' },
    },
    { membership_id: null, api_key_id: key.id, effect: 'deny', dimensions: {} },
  ]);
});
