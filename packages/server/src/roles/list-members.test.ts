import { inTransaction, query } from '@rolecall/server/database';
import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Page } from '../paging/index.ts';
import { listMembers, type Member, type MemberFilter } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const organization = await buildOrganization(test.db);
const role = await buildRole(test.db, organization.id, { name: 'Support' });

const people: readonly (readonly [name: string, email: string])[] = [
  ['Anna Svensson', 'anna.svensson@example.com'],
  ['Joanna Lee', 'jo@example.com'],
  ['Мария Кузнецова', 'maria@пример.рф'],
  ['王小明', 'xiaoming@example.cn'],
  ['محمد علي', 'm.ali@example.sa'],
  ['Zoë O’Brien-Žižek', 'zoe_obrien@example.com'],
  ['100% Sure', 'sure%x@example.com'],
  ['back\\slash', 'back@example.com'],
];
const STATUSES = ['active', 'inactive', 'pending'] as const;

beforeAll(async () => {
  await inTransaction(test.db, async (tx) => {
    for (let round = 0; round < 8; round += 1) {
      for (const [index, [name, email]] of people.entries()) {
        const status = STATUSES[(round + index) % 3];
        await buildMember(tx, organization.id, {
          userId: `u-${round}-${index}`,
          name,
          email: `${round}-${email}`,
          ...(status && { status }),
          // Many join in the same millisecond, so that only the id tells them apart.
          joinedAt: `2026-01-01T00:00:0${round % 3}.000Z`,
          roleIds: [organization.memberRoleId, ...((round + index) % 4 === 0 ? [role.id] : [])],
        });
      }
    }
  });
});

async function all(filter: MemberFilter, limit = 1_000): Promise<readonly Member[]> {
  const members: Member[] = [];
  let cursor: string | null = null;
  let total = -1;
  do {
    const page: Page<Member> = await listMembers(test.db, organization.id, {
      ...filter,
      limit,
      cursor,
    });
    total = page.total;
    expect(page.totalIs).toBe('exact');
    expect(page.data.length).toBeLessThanOrEqual(limit);
    members.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(members).toHaveLength(total);
  return members;
}

const namesOf = async (search: string): Promise<readonly (string | null)[]> => [
  ...new Set((await all({ search })).map((member) => member.name)),
];

describe('listing members', () => {
  it('shows everybody once, in the order in which they joined, whatever the page size', async () => {
    const whole = await all({});
    expect(whole).toHaveLength(64);
    const keys = whole.map((member) => `${member.joinedAt} ${member.membershipId}`);
    expect(keys).toEqual([...keys].sort());
    for (const limit of [1, 7, 63, 64]) expect(await all({}, limit)).toEqual(whole);
  });

  it('shows the roles of each', async () => {
    const members = await all({ roleId: role.id });
    expect(members.length).toBeGreaterThan(10);
    for (const { roleIds } of members) {
      expect(roleIds).toEqual([organization.memberRoleId, role.id].sort());
    }
  });

  it('stays in place when somebody joins or leaves meanwhile', async () => {
    const other = await buildOrganization(test.db);
    const add = (userId: string, joinedAt: string) =>
      buildMember(test.db, other.id, { userId, joinedAt });
    for (const day of [1, 2, 3, 4]) await add(`stay-${day}`, `2026-02-0${day}T00:00:00.000Z`);
    const first = await listMembers(test.db, other.id, { limit: 2 });
    await add('early', '2026-01-01T00:00:00.000Z');
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET deleted_at = now() WHERE organization_id = $1 AND user_id = 'stay-1'`,
      values: [other.id],
    });
    const second = await listMembers(test.db, other.id, { limit: 2, cursor: first.nextCursor });
    expect(second.data.map((member) => member.userId)).toEqual(['stay-3', 'stay-4']);
    expect(second.total).toBe(4);
  });

  it('repeats nobody who was inserted by hand with microseconds', async () => {
    const other = await buildOrganization(test.db);
    for (const micros of ['100', '200', '300']) {
      await query(test.db, {
        text: `WITH u AS (INSERT INTO rolecall.users (id) VALUES ($2) RETURNING id)
          INSERT INTO rolecall.memberships (organization_id, user_id, status, joined_at)
          SELECT $1, id, 'active', $3::timestamptz FROM u`,
        values: [other.id, `micro-${micros}`, `2026-01-01T00:00:00.000${micros}Z`],
      });
    }
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < 5; pages += 1) {
      const page: Page<Member> = await listMembers(test.db, other.id, { limit: 1, cursor });
      seen.push(...page.data.map((member) => member.userId));
      cursor = page.nextCursor;
      if (cursor === null) break;
    }
    expect([seen.length, new Set(seen).size]).toEqual([3, 3]);
  });

  it('refuses an organization, a role and a cursor that are not there', async () => {
    await expect(listMembers(test.db, 'nowhere', {})).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    for (const roleId of ['x', '00000000-0000-4000-8000-000000000000']) {
      await expect(listMembers(test.db, organization.id, { roleId })).rejects.toMatchObject({
        code: 'role_not_found',
      });
    }
    const { nextCursor } = await listMembers(test.db, organization.id, { limit: 1 });
    await expect(
      listMembers(test.db, organization.id, { search: 'anna', cursor: nextCursor }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('searching members', () => {
  it.each([
    ['anna', ['Anna Svensson', 'Joanna Lee']],
    ['ANNA', ['Anna Svensson', 'Joanna Lee']],
    ['svens', ['Anna Svensson']],
    ['кузнец', ['Мария Кузнецова']],
    ['МАРИЯ', ['Мария Кузнецова']],
    ['王小明', ['王小明']],
    ['محمد', ['محمد علي']],
    ['žižek', ['Zoë O’Brien-Žižek']],
    ['zoe_obrien@', ['Zoë O’Brien-Žižek']],
    ['  lee ', ['Joanna Lee']],
    ['anna svensson', ['Anna Svensson']],
    ['0% s', ['100% Sure']],
    ['k\\sl', ['back\\slash']],
    ['пример.рф', ['Мария Кузнецова']],
  ])('finds `%s` as a substring', async (search, names) => {
    expect([...(await namesOf(search))].sort()).toEqual([...names].sort());
  });

  it.each([
    ['an', ['Anna Svensson']],
    ['А', []],
    ['к', ['Мария Кузнецова']],
    ['王', ['王小明']],
    ['小', []],
    ['ع', ['محمد علي']],
    ['жи', []],
    ['ži', ['Zoë O’Brien-Žižek']],
    ['o’', ['Zoë O’Brien-Žižek']],
    ['_', []],
  ])('finds `%s` as the beginning of a word', async (search, names) => {
    expect([...(await namesOf(search))].sort()).toEqual([...names].sort());
  });

  it.each(['%%%', '___', '\\\\\\', 'no such person', '😀😀😀'])(
    'finds nothing for `%s`',
    async (search) => {
      expect(await all({ search })).toEqual([]);
    },
  );

  it('finds who has a whole address, whatever its case, and nobody whose address goes on', async () => {
    const { id } = await buildOrganization(test.db, { id: 'addresses' });
    for (const email of [
      'Ann@x.example',
      'joann@x.example',
      'ann@x.example.org',
      'bob@x.example',
    ]) {
      await buildMember(test.db, id, { email, userId: email });
    }
    const emailsOf = async (search: string) =>
      (await listMembers(test.db, id, { search })).data.map(({ email }) => email).sort();
    expect(await emailsOf('ann@X.example')).toEqual(['Ann@x.example']);
    expect(await emailsOf('nn@x.example')).toEqual(
      ['Ann@x.example', 'ann@x.example.org', 'joann@x.example'].sort(),
    );
    expect(await emailsOf('nobody@x.example')).toEqual([]);
    const invited = { email: 'bob@x.example', userId: 'bob-2' };
    await buildMember(test.db, id, invited);
    const first = await listMembers(test.db, id, { search: 'bob@x.example', limit: 1 });
    expect(first).toMatchObject({ total: 2, totalIs: 'exact' });
    const cursor = first.nextCursor;
    const second = await listMembers(test.db, id, { search: 'bob@x.example', limit: 1, cursor });
    expect(second).toMatchObject({ total: 2, nextCursor: null });
    expect([...first.data, ...second.data]).toHaveLength(2);
  });

  it('shows everybody for a search that is empty', async () => {
    expect(await all({ search: '  ' })).toHaveLength(64);
  });

  it('agrees with looking at every member, for any filter and page size', async () => {
    const whole = await all({});
    const search = fc.oneof(
      fc.constantFrom(
        'anna',
        'example',
        'an',
        '%',
        '@',
        'e',
        'мар',
        '王',
        'com',
        'xyz',
        '1-',
        '3-j',
        '0-anna@example.com',
        'anna@example.com',
        '0-ZOE_obrien@example.com',
      ),
      fc.string({ maxLength: 4 }),
    );
    const filters = fc.record({
      search: fc.option(search, { nil: undefined }),
      roleId: fc.option(fc.constant(role.id), { nil: undefined }),
      status: fc.option(fc.constantFrom(...STATUSES), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 70 }), async (filter, limit) => {
        const found = whole.filter((member) => matches(member, filter));
        const address = filter.search?.toLowerCase() ?? '';
        const having = found.filter(({ email }) => email?.toLowerCase() === address);
        expect(await all(filter, limit)).toEqual(having.length > 0 ? having : found);
      }),
      { numRuns: 60 },
    );
  });
});

/** The rule in words: a substring from three characters, the beginning of a word below. */
function matches(member: Member, { search, roleId, status }: MemberFilter): boolean {
  if (roleId !== undefined && !member.roleIds.includes(roleId)) return false;
  if (status !== undefined && member.status !== status) return false;
  const text = search?.trim().toLowerCase() ?? '';
  if (text === '') return true;
  const plain = `${member.name ?? ''} ${member.email ?? ''}`.toLowerCase();
  const words = plain.replace(/[^\p{L}\p{N}]+/gu, ' ');
  const searched = ` ${plain} ${words}`;
  return searched.includes(Array.from(text).length < 3 ? ` ${text}` : text);
}
