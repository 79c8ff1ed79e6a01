import { inTransaction, query, type Statement } from '@rolecall/server/database';
import {
  createTestDatabase,
  explain,
  type Plan,
  seedMany,
  type SeededIds,
} from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageAuditStatement, scanAuditStatement } from '../../src/audit/audit-store.ts';
import { pageOrganizationsStatement } from '../../src/identity/organizations-store.ts';
import { pageGrantsStatement } from '../../src/roles/direct-grants-store.ts';
import { type Page } from '../../src/paging/index.ts';
import { listMembers, type Member } from '../../src/roles/index.ts';
import { countMembersStatement, pageMembersStatement } from '../../src/roles/list-members-store.ts';
import { pageRolesStatement } from '../../src/roles/list-roles-store.ts';
import { type MemberConditions, type MemberPlace } from '../../src/roles/member-walk.ts';
import {
  countByWalkStatement,
  findByAddressStatement,
  findByIndexStatement,
  walkStatement,
} from '../../src/roles/search-members-store.ts';

/*
 * How PostgreSQL runs the statements of every list, in an organization that is as large as all others
 * together: a range of an index in its order, no sort, nothing sequential but the table of global roles.
 * A million members in the long run, 12,000 otherwise: more than a total counts to.
 */

const long = process.env['ROLECALL_LONG'] !== undefined;
const MEMBERS = long ? 1_000_000 : 12_000;
const PAGE = 51;
/** A walk that is short beside the organization, as it is beside a large one. */
const STEPS = Math.min(6_000, MEMBERS / 40);

const test = await createTestDatabase({ statementTimeoutMs: 0, maxConnections: 1 });
afterAll(() => test.close());

let big: string;
let roleId: string;
let ids: SeededIds;

beforeAll(
  async () => {
    await seedMany(test.url, {
      prefix: 'many',
      organizations: MEMBERS / 20,
      membersPerOrganization: 20,
      rolesPerOrganization: 3,
    });
    ids = await seedMany(test.url, {
      prefix: 'big',
      organizations: 1,
      membersPerOrganization: MEMBERS,
      grantsPerMember: long ? 0 : 1,
    });
    big = ids.organization(1);
    roleId = ids.role(1, 1);
    await query(test.db, {
      text: `WITH head AS (
          UPDATE rolecall.organization_state SET audit_sequence = $2 WHERE organization_id = $1)
        INSERT INTO rolecall.audit_events
          (organization_id, sequence, occurred_at, revision, actor, action, subject, hash)
        SELECT $1, n, timestamptz '2026-01-01' + n * interval '1 second', n, 'user:' || n % 100,
            (ARRAY['role.created', 'role.updated'])[n % 2 + 1], 'role:' || n % 1000,
            sha256('')
          FROM generate_series(1, $2::int) n`,
      values: [big, MEMBERS],
    });
    await query(test.db, { text: 'ANALYZE' });
  },
  long ? 1_800_000 : 60_000,
);

/** Somewhere in the middle: a deep page must not walk to its place. */
const MIDDLE: MemberPlace = ['2020-01-01T00:50:00.000Z', '00000000-0000-0000-0000-000000000000'];

/** What was written of late waits in a list that each search reads; here it would hide the rest. */
const CLEAN = `SELECT gin_clean_pending_list('rolecall.memberships_search')`;

/** Before everybody. */
const FIRST: MemberPlace = ['-infinity', '00000000-0000-0000-0000-000000000000'];

/** Every plan that a statement can have: one without a name is planned anew each time. */
async function planOf(statement: Statement): Promise<readonly Plan[]> {
  const custom = await explain(test.db, statement, { plan: 'custom', analyze: true });
  if (statement.name === undefined) return [custom];
  return [custom, await explain(test.db, statement, { plan: 'generic', analyze: true })];
}

/** By this index, in its order, and not a row too many. */
async function expectRange(statement: Statement, index: string, most = PAGE): Promise<void> {
  for (const plan of await planOf(statement)) {
    const [first] = plan.nodes().filter((node) => node.index === index);
    expect(first, plan.text).toBeDefined();
    expect(first?.actualRows, plan.text).toBeLessThanOrEqual(most);
    const types = plan.nodes().map((node) => node.type);
    expect(
      types.filter((type) => type.includes('Sort') || type.startsWith('Gather')),
      plan.text,
    ).toEqual([]);
    const sequential = plan.nodes().filter((node) => node.type === 'Seq Scan');
    expect(
      sequential.filter((node) => node.relation !== 'global_roles'),
      plan.text,
    ).toEqual([]);
  }
}

const all: MemberConditions = { roleId: undefined, status: undefined };

describe('a page of members', () => {
  it('is a range of members in the order in which they joined', async () => {
    const range = { conditions: all, after: MIDDLE, count: PAGE };
    await expectRange(pageMembersStatement(big, range), 'memberships_page');
  });

  it('of a role is a range of its assignments', async () => {
    const range = { conditions: { ...all, roleId }, after: MIDDLE, count: PAGE };
    await expectRange(pageMembersStatement(big, range), 'assignments_of_role');
  });

  it('of a status is a range of that status, and so is its total', async () => {
    const conditions = { ...all, status: 'inactive' } as const;
    const range = { conditions, after: MIDDLE, count: PAGE };
    await expectRange(pageMembersStatement(big, range), 'memberships_of_status');
    await expectRange(countMembersStatement(big, conditions), 'memberships_of_status', 10_001);
  });

  it('costs no more in a small organization beside a large one', async () => {
    const range = { conditions: all, after: MIDDLE, count: PAGE };
    await expectRange(
      pageMembersStatement(ids.organization(1).replace('big', 'many'), range),
      'memberships_page',
    );
  });
});

describe('a search', () => {
  const range = { conditions: all, after: MIDDLE, count: PAGE };
  // Before PostgreSQL 18, the window that numbers the rows looks one row ahead.
  const AHEAD = 1;

  it('for a word that all share stops when the page is full', async () => {
    const statement = walkStatement(big, { ...range, pattern: '%company1%' }, STEPS);
    await expectRange(statement, 'memberships_page', PAGE + AHEAD);
  });

  it('for a word that nobody has stops after so many members', async () => {
    const statement = walkStatement(big, { ...range, pattern: '%nobody%' }, STEPS);
    await expectRange(statement, 'memberships_page', STEPS + AHEAD);
  });

  it('among those who hold a role walks through that role only', async () => {
    const search = { ...range, conditions: { ...all, roleId }, pattern: '%company1%' };
    await expectRange(walkStatement(big, search, STEPS), 'assignments_of_role', PAGE + AHEAD);
  });

  it('for a word that all share counts no further than it must', async () => {
    const statement = countByWalkStatement(
      big,
      { conditions: all, pattern: '%company1%' },
      MEMBERS / 10,
    );
    await expectRange(statement, 'memberships_page', 10_001);
  });

  const anyWord =
    'for a word that few share uses the search index, whatever the planner believes of it';
  it(anyWord, { timeout: long ? 1_800_000 : 30_000 }, async () => {
    // Statistics that say that every second member of anywhere has this word.
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET name = 'Everywhere' WHERE organization_id LIKE 'many-%'
        AND user_id LIKE '%1'`,
    });
    await query(test.db, {
      text: `UPDATE rolecall.memberships SET name = 'Everywhere'
        WHERE organization_id = $1 AND user_id = $2`,
      values: [big, ids.user(1, MEMBERS - 1)],
    });
    await query(test.db, { text: 'ANALYZE rolecall.memberships' });
    await inTransaction(test.db, async (tx) => {
      const page = await listMembers(tx, big, { search: 'everywhere' });
      expect(page).toMatchObject({ total: 1, totalIs: 'exact', nextCursor: null });
      expect(page.data[0]?.userId).toBe(ids.user(1, MEMBERS - 1));
      const [row] = await query<{ readonly scans: number }>(tx, {
        text: `SELECT pg_stat_get_xact_numscans('rolecall.memberships_search'::regclass) AS scans`,
      });
      expect(row?.scans).toBe(1);
    });
  });

  it('for a whole address is one place of one index, in the organization and in a role', async () => {
    const address = `user${String(MEMBERS - 1)}@company1.example`;
    for (const conditions of [all, { ...all, roleId }]) {
      const search = { ...range, after: FIRST, conditions, address };
      const plan = await explain(test.db, findByAddressStatement(big, search), {
        plan: 'custom',
        analyze: true,
      });
      const indexes = plan.nodes().flatMap(({ index }) => index ?? []);
      expect(indexes, plan.text).toContain('memberships_email');
      expect(plan.text).not.toContain('Seq Scan');
      expect(plan.pages, plan.text).toBeLessThan(30);
    }
  });

  it('of the index for a word that nobody has is a few pages, however many there are', async () => {
    await query(test.db, { text: CLEAN });
    const statement = findByIndexStatement(big, {
      ...range,
      pattern: '%nobody-at-all%',
      indexPattern: '%nobody-at-all%',
    });
    const plan = await explain(test.db, statement, { plan: 'custom', analyze: true });
    expect(plan.pages, plan.text).toBeLessThan(200);
  });

  it('of the index for an address does not read what all addresses of a company share', async () => {
    await query(test.db, { text: CLEAN });
    const pattern = `%user${String(MEMBERS - 1)}@company1.example%`;
    const pagesFor = async (indexPattern: string): Promise<number> => {
      const found = findByIndexStatement(big, { ...range, after: FIRST, pattern, indexPattern });
      const plan = await explain(test.db, found, { plan: 'custom', analyze: true });
      expect(plan.nodes()[0]?.actualRows, plan.text).toBe(1);
      return plan.pages ?? Number.NaN;
    };
    const whole = await pagesFor(pattern);
    const local = await pagesFor(`%user${String(MEMBERS - 1)}@%`);
    expect(local).toBeLessThan(whole / 2);
  });

  it('for few of many looks at so many and no more', async () => {
    const found = { ...range, pattern: '%company1%', indexPattern: '%company1%' };
    const some = await explain(test.db, findByIndexStatement(big, found, 100), {
      plan: 'custom',
      analyze: true,
    });
    const all = await explain(test.db, findByIndexStatement(big, found), {
      plan: 'custom',
      analyze: true,
    });
    expect(some.pages ?? Number.NaN).toBeLessThan((all.pages ?? Number.NaN) / 2);
  });

  it.each([
    ['company1', 10_000, 'at_least'],
    ['nobody', 0, 'exact'],
  ])('for `%s` is counted as far as a total goes', async (search, total, totalIs) => {
    const page = await listMembers(test.db, big, { search });
    expect([page.total, page.totalIs]).toEqual([total, totalIs]);
    if (page.nextCursor === null) return;
    const next = await listMembers(test.db, big, { search, cursor: page.nextCursor });
    expect([next.total, next.totalIs, next.data.length]).toEqual([total, totalIs, 50]);
  });
});

describe('a search among more members than a walk passes', () => {
  interface Row {
    readonly id: string;
    readonly text: string;
    readonly holds: boolean;
  }
  let everybody: readonly Row[] = [];

  beforeAll(async () => {
    if (long) return;
    everybody = await query<Row>(test.db, {
      text: `SELECT m.id, m.search_text AS text, EXISTS (SELECT FROM rolecall.assignments a
            WHERE a.organization_id = $1 AND a.membership_id = m.id AND a.role_id = $2) AS holds
          FROM rolecall.memberships m WHERE m.organization_id = $1 ORDER BY m.joined_at, m.id`,
      values: [big, roleId],
    });
  });

  // Names of any frequency, whole addresses and their parts, and what begins in one word and ends in the next.
  const words = [
    'user77@',
    'user19999@company1.example',
    '9@company1',
    'chloé',
    'анна',
    '王',
    'yı',
  ];
  const pairs = ['hoffmann us', 'a smith', 'everywhere user', 'no such person@company1.example'];
  it.skipIf(long).each([...words, ...pairs])(
    'for `%s` finds whom looking at everybody finds, in the same order',
    async (search) => {
      const wanted = search.length < 3 ? ` ${search}` : search;
      for (const role of [undefined, roleId]) {
        const expected = everybody
          .filter(({ text, holds }) => text.includes(wanted) && (role === undefined || holds))
          .map(({ id }) => id);
        const found: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Page<Member> = await listMembers(test.db, big, {
            search,
            roleId: role,
            limit: 200,
            cursor,
          });
          expect([page.total, page.totalIs]).toEqual([expected.length, 'exact']);
          found.push(...page.data.map((member) => member.membershipId));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(found).toEqual(expected);
      }
    },
  );
});

describe('a page of another list', () => {
  it('of roles is a range of roles', async () => {
    const conditions = { kind: undefined, pattern: undefined };
    const after = ['-infinity', '00000000-0000-0000-0000-000000000000'] as const;
    const statement = pageRolesStatement(big, { conditions, after, count: 5 });
    await expectRange(statement, 'roles_page', 5);
  });

  it('of organizations is a range of organizations', async () => {
    const after = ['-infinity', ''] as const;
    const page = { after, pattern: undefined, count: PAGE };
    await expectRange(pageOrganizationsStatement(page), 'organizations_page');
  });

  it('of direct grants is a range of direct grants', async () => {
    const page = { holder: undefined, after: '0', count: PAGE };
    await expectRange(pageGrantsStatement(big, page), 'grants_direct');
  });

  it('of the history is a range of it, and of one actor, subject or action too', async () => {
    const page = { before: String(MEMBERS / 2), count: PAGE };
    await expectRange(pageAuditStatement(big, { ...page, filter: {} }), 'audit_events_pkey');
    await expectRange(
      pageAuditStatement(big, { ...page, filter: { actor: 'user:7' } }),
      'audit_events_by_actor',
    );
    await expectRange(
      pageAuditStatement(big, { ...page, filter: { subject: 'role:7' } }),
      'audit_events_by_subject',
    );
  });

  it('of the history by its action is a range of that action', async () => {
    // One action in a thousand, for one that every second entry has is found as well by walking.
    await query(test.db, {
      text: `INSERT INTO rolecall.audit_events
          (organization_id, sequence, occurred_at, revision, actor, action, subject, hash)
        SELECT $1, $2::int + n, timestamptz '2026-06-01', $2::int + n, 'system', 'role.deleted', 'role:x',
            sha256('') FROM generate_series(1, 20) n`,
      values: [big, MEMBERS],
    });
    await query(test.db, { text: 'ANALYZE rolecall.audit_events' });
    const page = { before: String(MEMBERS + 21), count: PAGE, filter: { action: 'role.deleted' } };
    await expectRange(pageAuditStatement(big, page), 'audit_events_by_action');
  });

  it('of an export is a range of the history, and of one subject too', async () => {
    const scan = { after: MEMBERS / 2, through: MEMBERS, count: PAGE };
    await expectRange(scanAuditStatement(big, { ...scan, filter: {} }), 'audit_events_pkey');
    const filter = { subject: 'role:7' };
    await expectRange(scanAuditStatement(big, { ...scan, filter }), 'audit_events_by_subject');
  });

  it('of the history long ago does not walk through all that came since', async () => {
    const filter = { until: '2026-01-01T00:05:00.000Z' };
    const page = { before: String(MEMBERS + 1), count: PAGE, filter };
    for (const plan of await planOf(pageAuditStatement(big, page))) {
      const rows = plan.scansOf('audit_events').map((node) => node.actualRows ?? 0);
      expect(Math.max(...rows), plan.text).toBeLessThan(5_000);
    }
  });
});
