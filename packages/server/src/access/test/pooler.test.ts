import { builtinPolicy } from '@rolecall/policy';
import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, expect, it } from 'vitest';
import { openDatabase } from '../../database/index.ts';
import { createAccess } from '../access.ts';
import { assignRole, revokeRole } from '../fixtures/deciding-write.ts';
import { startTransactionPooler } from '../fixtures/transaction-pooler.ts';

const test = await createTestDatabase();
const { db } = test;
const pooler = await startTransactionPooler(test.url);
const database = openDatabase({ url: pooler.url, maxConnections: 4, preparedStatements: false });
afterAll(async () => {
  await database.close();
  await pooler.close();
  await test.close();
});

it('behind a pooler in transaction mode, changes are found by polling alone, and the report says so', async () => {
  const { id } = await buildOrganization(db, { systemGrants: false });
  const role = await buildRole(db, id, { grants: [{ resourceId: 'p1' }] });
  const { userId } = await buildMember(db, id, { roleIds: [role.id] });
  const access = createAccess({
    database,
    policy: builtinPolicy,
    freshness: { boundMs: 20_000, pollIntervalMs: 50 },
  });
  await access.start();
  expect(access.report().freshness).toMatchObject({
    confirmed: true,
    notifications: 'polling',
    notice: 'a pooler stands between this node and PostgreSQL: changes are found by polling alone',
  });

  const ask = async () => (await access.principal(id, `user:${userId}`)).can('project:read', 'p1');
  for (let round = 0; round < 5; round += 1) {
    expect(await ask()).toBe(true);
    await revokeRole(db, id, { userId, roleId: role.id });
    // Well within the bound, so that nothing but the poll can have told.
    await expect.poll(ask, { timeout: 15_000 }).toBe(false);
    const revision = await assignRole(db, id, { userId, roleId: role.id });
    const at = { consistency: { mode: 'at_least', revision } } as const;
    expect((await access.principal(id, `user:${userId}`, at)).can('project:read', 'p1')).toBe(true);
  }
  const { freshness, memory } = access.report();
  expect(freshness).toMatchObject({ confirmed: true, failedPolls: 0 });
  expect(memory.readThroughs).toBe(0);
  await access.close();
});
