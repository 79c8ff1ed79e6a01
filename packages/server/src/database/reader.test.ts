import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { type Db, inTransaction, query, type Reader, type Tx } from './index.ts';

const test = await createTestDatabase();
const { db } = test;
afterAll(() => test.close());

describe('Db and Tx', () => {
  it('are different types, and either one is a Reader', async () => {
    const needsDb = (reader: Db): Reader => reader;
    const needsTx = (reader: Tx): Reader => reader;
    const readers = await inTransaction(db, (tx) => {
      // @ts-expect-error what must be atomic does not take a Db
      needsTx(db);
      // @ts-expect-error what must stand alone does not take a Tx
      needsDb(tx);
      return Promise.resolve([needsDb(db), needsTx(tx)]);
    });
    expect(readers).toHaveLength(2);
  });

  it('are not what Kysely makes by itself', () => {
    const needsReader = (reader: Reader): Reader => reader;
    // @ts-expect-error a Kysely with another schema has no session of ours
    expect(needsReader(db.withSchema('public'))).toBeDefined();
  });
});

describe('Kysely', () => {
  it('finds every table in the schema rolecall', async () => {
    const { id } = await buildOrganization(db);
    const compiled = db
      .with('named', (q) => q.selectFrom('organizations').select('id'))
      .selectFrom('named')
      .innerJoin('organization_state as s', 's.organization_id', 'named.id')
      .select(['named.id', 's.revision'])
      .where('named.id', '=', id);
    expect(compiled.compile().sql).toContain('"rolecall"."organization_state"');
    expect(compiled.compile().sql).not.toContain('"rolecall"."named"');
    expect(await compiled.execute()).toEqual([{ id, revision: 0 }]);
  });

  it('inserts or updates, and returns what it wrote', async () => {
    const values = { id: 'twice', email: 'first@example.com' };
    for (const email of ['first@example.com', 'second@example.com']) {
      await db
        .insertInto('users')
        .values({ ...values, email })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet((eb) => ({ email: eb.ref('excluded.email') })),
        )
        .returning('id')
        .executeTakeFirstOrThrow();
    }
    const row = await db
      .selectFrom('users')
      .select('email')
      .where('id', '=', 'twice')
      .executeTakeFirst();
    expect(row).toEqual({ email: 'second@example.com' });
  });

  it('updates from another table and tells how many rows it changed', async () => {
    const { id } = await buildOrganization(db);
    await buildRole(db, id);
    const result = await db
      .updateTable('roles')
      .from('organizations as o')
      .set({ version: 2 })
      .whereRef('roles.organization_id', '=', 'o.id')
      .where('o.id', '=', id)
      .executeTakeFirstOrThrow();
    expect(result.numUpdatedRows).toBe(3n);
  });

  it('deletes with a subquery and tells how many rows are gone', async () => {
    const { id } = await buildOrganization(db);
    const result = await db
      .deleteFrom('grants')
      .where('organization_id', '=', id)
      .where('role_id', 'in', (eb) =>
        eb.selectFrom('roles').select('roles.id').where('roles.organization_id', '=', id),
      )
      .executeTakeFirstOrThrow();
    expect(result.numDeletedRows).toBe(14n);
  });

  it('takes fragments of SQL, with values of their own', async () => {
    const { id } = await buildOrganization(db);
    const member = await buildMember(db, id, { name: 'Ǻlice' });
    const rows = await db
      .selectFrom('memberships')
      .select(['id', 'joined_at', sql<string>`upper(name)`.as('shouted')])
      .where('organization_id', '=', id)
      .where(sql<boolean>`search_text LIKE ${'% ǻl%'}`)
      .execute();
    expect(rows).toEqual([
      { id: member.membershipId, joined_at: member.joinedAt, shouted: 'ǺLICE' },
    ]);
  });

  it('writes json as text, also where it is a list', async () => {
    const { id } = await buildOrganization(db);
    await inTransaction(db, (tx) =>
      tx
        .insertInto('audit_events')
        .values({
          organization_id: id,
          sequence: 1,
          revision: 1,
          actor: 'system',
          action: 'x',
          subject: 'y',
          before: null,
          after: JSON.stringify([{ a: 1 }]),
          hash: Buffer.alloc(32),
        })
        .execute(),
    );
    const [row] = await query<{ after: unknown; before: unknown }>(db, {
      text: 'SELECT before, after FROM rolecall.audit_events WHERE organization_id = $1',
      values: [id],
    });
    expect(row).toEqual({ before: null, after: [{ a: 1 }] });
  });

  it('keeps its hands off columns that the database fills', () => {
    const insert = db.insertInto('organization_state');
    // @ts-expect-error counters are kept by triggers
    insert.values({ organization_id: 'a', enforcement: 'off', member_count: 1 });
    // @ts-expect-error so is what is derived from other columns
    db.updateTable('memberships').set({ live: false });
    // @ts-expect-error an id never changes
    db.updateTable('roles').set({ id: 'x' });
    expect(insert).toBeDefined();
  });
});
