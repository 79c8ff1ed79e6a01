import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { query } from '../../database/index.ts';
import { revokeRole, writeDeciding } from '../fixtures/deciding-write.ts';
import { type ProxiedNode, startNodes, stopNodes } from '../fixtures/nodes.ts';
import { readEpoch } from '../fixtures/read-epoch.ts';

const test = await createTestDatabase({ maxConnections: 8 });
const { db } = test;
afterAll(() => test.close());

let nodes: readonly ProxiedNode[] = [];
afterEach(() => stopNodes(nodes));

/** A node that will not poll by itself, with a member in memory who may read a project. */
async function openNode() {
  const freshness = { boundMs: 120_000, pollIntervalMs: 60_000 };
  nodes = await startNodes(1, { test, freshness });
  const [node] = nodes;
  if (node === undefined) throw new Error('no node was started');
  const { id } = await buildOrganization(db, { systemGrants: false });
  const role = await buildRole(db, id, { grants: [{ resourceId: 'p1' }] });
  const { userId } = await buildMember(db, id, { roleIds: [role.id] });
  const may = async (): Promise<boolean> =>
    (await node.access.principal(id, `user:${userId}`)).can('project:read', 'p1');
  expect(await may()).toBe(true);
  return { id, userId, roleId: role.id, may, node };
}

describe('what is announced', () => {
  it('is enforced without a poll', async () => {
    const { id, userId, roleId, may, node } = await openNode();
    const { polls } = node.access.report().freshness;
    await revokeRole(db, id, { userId, roleId });
    await expect.poll(may, { interval: 2 }).toBe(false);
    expect(node.access.report().freshness.polls).toBe(polls);
  });

  it('is enforced when it arrives before what was committed earlier', async () => {
    const { id, userId, roleId, may, node } = await openNode();
    node.proxy.announce(() => 'dropped');
    await revokeRole(db, id, { userId, roleId });
    node.proxy.announce(() => 0);
    await writeDeciding(db, { organizationId: id, what: {}, work: () => Promise.resolve() });
    await expect.poll(may, { interval: 2 }).toBe(false);
  });

  it('INVARIANT (no lost change): hides nothing when it was made up', async () => {
    const { id, userId, roleId, may } = await openNode();
    const [state] = await query<{ readonly revision: number }>(db, {
      text: 'SELECT revision FROM rolecall.organization_state WHERE organization_id = $1',
      values: [id],
    });
    const next = (state?.revision ?? 0) + 1;
    const epoch = await readEpoch(db);
    // The next revision changes nothing, says somebody; a node that believes it passes over the real one.
    for (const proof of ['', ` ${'0'.repeat(64)}`]) {
      await query(db, {
        text: `SELECT pg_notify('rolecall', $1)`,
        values: [`${id} ${epoch} ${String(next)} {}${proof}`],
      });
    }
    await revokeRole(db, id, { userId, roleId });
    await expect.poll(may, { interval: 2 }).toBe(false);
  });
});
