import { query } from '@rolecall/server/database';
import { buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { getRole, listRoles, type Role, type RoleFilter } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const organization = await buildOrganization(test.db);
for (const name of ['Support', 'Säljare', 'Разработчик', '客服 Team', 'Super User', '50% Off']) {
  await buildRole(test.db, organization.id, {
    name,
    slug: `org-${Buffer.from(name).toString('hex').slice(0, 40)}`,
    grants: [{ scope: 'project:read', resourceId: `p-${Buffer.from(name).toString('hex')}` }],
  });
}

async function all(filter: RoleFilter, limit: number): Promise<readonly Role[]> {
  const roles: Role[] = [];
  let cursor: string | null = null;
  do {
    const page = await listRoles(test.db, organization.id, { ...filter, limit, cursor });
    roles.push(...page.data);
    expect(page.totalIs).toBe('exact');
    cursor = page.nextCursor;
    if (cursor === null) expect(page.total).toBe(roles.length);
  } while (cursor !== null);
  return roles;
}

describe('listing roles', () => {
  it('shows every live role once, as it is when asked for alone, whatever the page size', async () => {
    const whole = await all({}, 100);
    expect(whole).toHaveLength(8);
    for (const limit of [1, 3, 8]) expect(await all({}, limit)).toEqual(whole);
    for (const role of whole)
      expect(role).toEqual(await getRole(test.db, organization.id, role.id));
  });

  it.each([
    ['sup', ['Super User', 'Support']],
    ['su', ['Super User', 'Support']],
    ['up', []],
    ['us', ['Super User']],
    ['SÄL', ['Säljare']],
    ['РАЗРАБ', ['Разработчик']],
    ['客服', ['客服 Team']],
    ['adm', ['Admin']],
    ['0% o', ['50% Off']],
    ['%', []],
  ])('finds `%s`', async (search, names) => {
    expect((await all({ search }, 3)).map((role) => role.name).sort()).toEqual(names);
  });

  it('shows one kind only', async () => {
    expect((await all({ kind: 'global' }, 1)).map((role) => role.slug).sort()).toEqual([
      'admin',
      'member',
    ]);
    expect(await all({ kind: 'organization', search: 'mem' }, 5)).toEqual([]);
    expect(await all({ kind: 'global', search: 'mem' }, 5)).toHaveLength(1);
  });

  it('ends a page early rather than carry too many grants, and loses none', async () => {
    const large = await buildOrganization(test.db, { systemGrants: false });
    for (let index = 0; index < 12; index += 1) {
      const { id } = await buildRole(test.db, large.id, { slug: `org-large-${index}` });
      await query(test.db, {
        text: `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
          SELECT $1, $2, 'project:read', 'allow', 'p' || n FROM generate_series(1, 10000) n`,
        values: [large.id, id],
      });
    }
    const first = await listRoles(test.db, large.id, {});
    expect(first.total).toBe(14);
    const second = await listRoles(test.db, large.id, { cursor: first.nextCursor });
    expect(first.data.length).toBeLessThan(14);
    expect(second.nextCursor).toBeNull();
    const sizes = [...first.data, ...second.data].map(
      (role) => role.grants[0]?.selectors?.length ?? 0,
    );
    expect(sizes.sort((a, b) => a - b)).toEqual([0, 0, ...new Array<number>(12).fill(10_000)]);
  });

  it('refuses an organization that is not there', async () => {
    await expect(listRoles(test.db, 'nowhere', {})).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    await expect(getRole(test.db, 'nowhere', organization.adminRoleId)).rejects.toMatchObject({
      code: 'organization_not_found',
    });
  });
});
