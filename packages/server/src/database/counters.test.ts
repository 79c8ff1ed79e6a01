import { buildOrganization, createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { query } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const RUNS = process.env['ROLECALL_LONG'] === undefined ? 25 : 500;

/** Where the counters differ from the rows that they count. */
async function disagreements(): Promise<readonly unknown[]> {
  return query(test.db, {
    text: `
      SELECT 'members' AS counter, organization_id, member_count, actual FROM rolecall.organization_state s,
          LATERAL (SELECT count(*) AS actual FROM rolecall.memberships m
            WHERE m.organization_id = s.organization_id AND m.deleted_at IS NULL) a
          WHERE member_count <> actual
      UNION ALL
      SELECT 'roles', organization_id, role_count, actual FROM rolecall.organization_state s,
          LATERAL (SELECT count(*) AS actual FROM rolecall.roles r
            WHERE r.organization_id = s.organization_id AND r.deleted_at IS NULL) a
          WHERE role_count <> actual
      UNION ALL
      SELECT 'members of a role', id::text, member_count, actual FROM rolecall.roles r,
          LATERAL (SELECT count(*) AS actual FROM rolecall.assignments a
            WHERE a.organization_id = r.organization_id AND a.role_id = r.id) a
          WHERE member_count <> actual`,
  });
}

/*
 * Every step is one statement over any number of rows of any number of organizations. `picked` selects
 * rows by a hash, so that the same step does the same in every run.
 */
const picked = (id: string, salt: number, share: number): string =>
  `abs(hashtext(${id}::text || '${salt}')) % 100 < ${share}`;

const salt = fc.integer({ min: 0, max: 1000 });
const share = fc.integer({ min: 0, max: 100 });
const steps: Readonly<Record<string, (salt: number, share: number) => string>> = {
  'add members': (s, n) => `
    INSERT INTO rolecall.memberships (organization_id, status, deleted_at)
      SELECT o.id, 'pending', CASE WHEN ${picked('g', s, 20)} THEN now() END
        FROM rolecall.organizations o, generate_series(1, ${n % 9}) g WHERE ${picked('o.id', s, 70)}`,
  'add roles': (s, n) => `
    INSERT INTO rolecall.roles (organization_id, kind, slug, name)
      SELECT o.id, 'organization', 'org-' || x, x FROM rolecall.organizations o, generate_series(1, ${n % 5}) g,
        LATERAL (SELECT substr(md5(gen_random_uuid()::text || o.id || g), 1, 20) AS x) y WHERE ${picked('o.id', s, 70)}`,
  assign: (s, n) => `
    INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
      SELECT m.organization_id, m.id, r.id, m.joined_at FROM rolecall.memberships m
        JOIN rolecall.roles r USING (organization_id)
        WHERE m.live AND r.live AND ${picked('m.id::text || r.id', s, n)}
      ON CONFLICT DO NOTHING`,
  unassign: (s, n) => `DELETE FROM rolecall.assignments a WHERE ${picked('a.membership_id', s, n)}`,
  'bury members': (s, n) => `
    UPDATE rolecall.memberships m SET deleted_at = now() WHERE ${picked('m.id', s, n)}
      AND NOT EXISTS (SELECT FROM rolecall.assignments a WHERE a.membership_id = m.id)`,
  'revive members': (s, n) => `
    UPDATE rolecall.memberships m SET deleted_at = NULL WHERE ${picked('m.id', s, n)}`,
  'rename members': (s, n) => `
    UPDATE rolecall.memberships m SET name = 'renamed' WHERE ${picked('m.id', s, n)}`,
  'delete members': (s, n) => `
    DELETE FROM rolecall.memberships m WHERE ${picked('m.id', s, n)}
      AND NOT EXISTS (SELECT FROM rolecall.assignments a WHERE a.membership_id = m.id)`,
  'bury roles': (s, n) => `
    UPDATE rolecall.roles r SET deleted_at = now() WHERE kind = 'organization' AND ${picked('r.id', s, n)}
      AND NOT EXISTS (SELECT FROM rolecall.assignments a WHERE a.role_id = r.id)`,
  'delete roles': (s, n) => `
    DELETE FROM rolecall.roles r WHERE kind = 'organization' AND ${picked('r.id', s, n)}
      AND NOT EXISTS (SELECT FROM rolecall.assignments a WHERE a.role_id = r.id)`,
  'move members to another organization': (s, n) => `
    UPDATE rolecall.memberships m SET organization_id = (
        SELECT o.id FROM rolecall.organizations o ORDER BY hashtext(o.id || '${s}') LIMIT 1)
      WHERE ${picked('m.id', s, n)}
        AND NOT EXISTS (SELECT FROM rolecall.assignments a WHERE a.membership_id = m.id)`,
  'insert or update members': (s, n) => `
    INSERT INTO rolecall.memberships (organization_id, id, status)
      SELECT organization_id, CASE WHEN ${picked('id', s, 50)} THEN id ELSE gen_random_uuid() END, 'pending'
        FROM rolecall.memberships WHERE ${picked('id', s, n)}
      ON CONFLICT (organization_id, id) DO UPDATE SET deleted_at =
        CASE WHEN EXISTS (SELECT FROM rolecall.assignments a WHERE a.membership_id = memberships.id)
             THEN NULL ELSE now() END`,
};

const step = fc.record({ kind: fc.constantFrom(...Object.keys(steps)), salt, share });

describe('INVARIANT (exact counters)', () => {
  it('holds after any sequence of bulk inserts, deletes, tombstones and moves', async () => {
    for (const id of ['a', 'b', 'c']) await buildOrganization(test.db, { id, systemGrants: false });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (sequence) => {
        await query(test.db, { text: 'DELETE FROM rolecall.assignments' });
        await query(test.db, { text: 'DELETE FROM rolecall.memberships' });
        await query(test.db, { text: `DELETE FROM rolecall.roles WHERE kind = 'organization'` });
        const rows: string[] = [];
        for (const { kind, salt: s, share: n } of sequence) {
          const text = steps[kind]?.(s, n) ?? '';
          await query(test.db, { text });
          rows.push(kind);
          expect(await disagreements(), rows.join(', ')).toEqual([]);
        }
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  });

  it('holds when a statement touches nothing', async () => {
    await query(test.db, { text: 'DELETE FROM rolecall.memberships WHERE false' });
    await query(test.db, { text: 'UPDATE rolecall.roles SET deleted_at = now() WHERE false' });
    expect(await disagreements()).toEqual([]);
  });

  it('is seen to break when a trigger is off', async () => {
    await query(test.db, {
      text: 'ALTER TABLE rolecall.memberships DISABLE TRIGGER memberships_counted_insert',
    });
    const off = `INSERT INTO rolecall.memberships (organization_id, status) VALUES ('a', 'pending')`;
    await query(test.db, { text: off });
    expect(await disagreements()).toHaveLength(1);
  });
});
