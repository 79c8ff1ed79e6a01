import { afterAll, describe, expect, it } from 'vitest';
import { buildOrganization, createTestDatabase, explain } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

describe('explain', () => {
  it('flattens a plan, parents first', async () => {
    const plan = await explain(test.db, {
      text: `SELECT * FROM rolecall.organizations o JOIN rolecall.organization_state s ON s.organization_id = o.id
               WHERE o.id = $1`,
      values: ['a'],
    });
    expect(plan.nodes().map((node) => node.depth)).toEqual([0, 1, 1]);
    expect(plan.scansOf('organizations')[0]).toMatchObject({ index: 'organizations_pkey' });
    expect(plan.text).toContain('Index Scan on organizations by organizations_pkey');
  });

  it('takes values of every kind', async () => {
    const plan = await explain(
      test.db,
      {
        text: `SELECT $1::text, $2::int, $3::boolean, $4::text[], $5::jsonb, $6::bytea, $7::timestamptz, $8::uuid`,
        values: [
          `o'b\\r`,
          1,
          true,
          ['a"', null, '{,}'],
          { a: [1] },
          Buffer.from('x'),
          new Date(0),
          null,
        ],
      },
      { analyze: true, plan: 'custom' },
    );
    expect(plan.nodes()[0]).toMatchObject({ type: 'Result', actualRows: 1 });
    expect(plan.executionMs).toBeGreaterThanOrEqual(0);
  });

  it('keeps nothing of what an analyzed statement writes', async () => {
    const { id } = await buildOrganization(test.db);
    await explain(
      test.db,
      {
        text: 'UPDATE rolecall.organizations SET name = $2 WHERE id = $1',
        values: [id, 'changed'],
      },
      { analyze: true },
    );
    const row = await test.db
      .selectFrom('organizations')
      .select('name')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.name).toBe(`Organization ${id}`);
  });
});
