import { listSchema, query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestDatabase, explain, seedMany } from '../index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const schemaBefore = await listSchema(test.db);
const ids = await seedMany(test.url, {
  organizations: 2,
  membersPerOrganization: 11_000,
  rolesPerOrganization: 5,
  rolesPerMember: 2,
  grantsPerRole: 3,
  grantsPerMember: 1,
});

async function count(table: string, where: string, values: readonly unknown[]): Promise<unknown> {
  const [row] = await query<{ count: number }>(test.db, {
    text: `SELECT count(*) FROM rolecall.${table} WHERE ${where}`,
    values,
  });
  return row?.count;
}

describe('seedMany', () => {
  it('makes what was asked for, in each organization', async () => {
    const second = ids.organization(2);
    expect(await count('memberships', 'organization_id = $1', [second])).toBe(11_000);
    expect(await count('roles', 'organization_id = $1', [second])).toBe(7);
    expect(await count('assignments', 'organization_id = $1', [second])).toBe(22_001);
    expect(await count('grants', 'organization_id = $1', [second])).toBe(5 * 3 + 1 + 11_000);
  });

  it('knows the ids of what it has made', async () => {
    const membership = [ids.organization(1), ids.membership(1, 7), ids.user(1, 7)];
    expect(
      await count('memberships', 'organization_id = $1 AND id = $2 AND user_id = $3', membership),
    ).toBe(1);
    const grant = [ids.organization(1), ids.role(1, 2), ids.project(2, 3)];
    expect(
      await count('grants', 'organization_id = $1 AND role_id = $2 AND resource_id = $3', grant),
    ).toBe(1);
  });

  it('leaves counters that equal the rows', async () => {
    const states = await query(test.db, {
      text: 'SELECT member_count, role_count FROM rolecall.organization_state',
    });
    expect(states).toEqual(
      Array.from({ length: 2 }, () => ({ member_count: 11_000, role_count: 7 })),
    );
    const wrong = await count(
      'roles r',
      `member_count <> (SELECT count(*) FROM rolecall.assignments a
         WHERE a.organization_id = r.organization_id AND a.role_id = r.id)`,
      [],
    );
    expect(wrong).toBe(0);
  });

  it('breaks no foreign key, though none was looked after', async () => {
    const orphans = await query(test.db, {
      text: `
        SELECT 1 FROM rolecall.assignments a
          LEFT JOIN rolecall.memberships m ON m.organization_id = a.organization_id AND m.id = a.membership_id
            AND m.joined_at = a.joined_at
          LEFT JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
          WHERE m.id IS NULL OR r.id IS NULL
        UNION ALL
        SELECT 1 FROM rolecall.memberships m LEFT JOIN rolecall.users u ON u.id = m.user_id WHERE u.id IS NULL`,
    });
    expect(orphans).toEqual([]);
  });

  it('leaves the schema as it was', async () => {
    expect(await listSchema(test.db)).toBe(schemaBefore);
  });

  it('leaves tables that are read from their indexes alone', async () => {
    const plan = await explain(
      test.db,
      {
        text: `SELECT id, status FROM rolecall.memberships WHERE organization_id = $1 AND user_id = $2
                 ORDER BY deleted_at DESC NULLS FIRST LIMIT 1`,
        values: [ids.organization(1), ids.user(1, 500)],
      },
      { analyze: true },
    );
    expect(plan.scansOf('memberships'), plan.text).toMatchObject([
      { type: 'Index Only Scan', index: 'memberships_load', actualRows: 1, heapFetches: 0 },
    ]);
  });
});
