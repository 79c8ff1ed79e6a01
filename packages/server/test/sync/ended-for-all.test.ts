import { builtinPolicy } from '@rolecall/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Access, createAccess } from '../../src/access/index.ts';
import { inTransaction } from '../../src/database/index.ts';
import {
  addMember,
  createOrganization,
  setMemberRoles,
  updateRole,
} from '../../src/roles/index.ts';
import { drainEnvironment, pullEvents } from '../../src/sync/index.ts';
import { openWorld, type World } from '../../src/sync/test/world.ts';

/*
 * What ends in WorkOS for every organization at once, a person or a role of the environment, is denied by every load
 * from then on. A node that answers from memory loads nothing, so it has to be told, also where WorkOS knows of no
 * membership: in an organization that is not linked, and of a member who is not in WorkOS.
 */

let world: World;
let node: Access;

beforeAll(async () => {
  world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.createRole({ slug: 'billing', name: 'Billing' });
    },
  });
  const { test, context } = world;
  await pull();
  await world.settle();
  await inTransaction(test.db, (tx) =>
    createOrganization(tx, { id: 'solo', name: 'Solo' }, context),
  );
  // It polls rarely, so that what it knows comes from what it is told.
  node = createAccess({
    database: test.database,
    policy: builtinPolicy,
    freshness: { boundMs: 60_000, pollIntervalMs: 30_000 },
  });
  await node.start();
});

afterAll(async () => {
  await node.close();
  await world.close();
});

async function pull(): Promise<void> {
  const options = { db: world.test.db, port: world.workos.port };
  await pullEvents(options);
  await drainEnvironment(options);
}

const allows = async (organizationId: string, userId: string): Promise<boolean> =>
  (await node.principal(organizationId, `user:${userId}`)).can('project:read', 'p1');

describe('INVARIANT (ended for all): what ends in WorkOS for every organization', () => {
  it('reaches a node that remembers a member whom WorkOS does not know, when it is a role', async () => {
    const { test, context } = world;
    await inTransaction(test.db, (tx) =>
      createOrganization(tx, { id: 'late', name: 'Late' }, context),
    );
    await inTransaction(test.db, (tx) =>
      addMember(tx, 'late', { id: 'bob', email: 'bob@late.test' }, context),
    );
    await world.rows(`UPDATE rolecall.organizations SET workos_id = 'org_late' WHERE id = 'late'`);
    await pull();
    const [billing] = await world.rows<{ id: string }>(
      `SELECT id FROM rolecall.global_roles WHERE slug = 'billing'`,
    );
    const roleId = String(billing?.id);
    await world.rows(
      `INSERT INTO rolecall.roles (organization_id, id, kind) VALUES ('late', $1, 'global') ON CONFLICT DO NOTHING`,
      roleId,
    );
    await inTransaction(test.db, (tx) =>
      updateRole(
        tx,
        'late',
        { roleId, grants: [{ scope: 'project:read', effect: 'allow' }] },
        context,
      ),
    );
    await inTransaction(test.db, (tx) =>
      setMemberRoles(tx, 'late', { userId: 'bob', roleIds: [roleId] }, context),
    );
    await expect.poll(() => allows('late', 'bob')).toBe(true);
    world.simulator.dashboard.deleteRole({ slug: 'billing' });
    await pull();
    await expect.poll(() => allows('late', 'bob')).toBe(false);
  });

  it('reaches a node that remembers them in an organization that is not linked, when it is a person', async () => {
    const { test, context } = world;
    const userId = String((await world.member('ada@acme.test')).userId);
    await inTransaction(test.db, (tx) =>
      addMember(tx, 'solo', { id: userId, email: 'ada@acme.test' }, context),
    );
    await expect.poll(() => allows('solo', userId)).toBe(true);
    world.simulator.dashboard.deleteUser({ user: 'ada@acme.test' });
    await pull();
    await expect.poll(() => allows('solo', userId)).toBe(false);
  });
});
