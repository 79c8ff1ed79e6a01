import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, expect, it } from 'vitest';
import { verifyHistory } from '../../src/audit/index.ts';
import { bindLegacy } from '../../src/bind-legacy.ts';
import { createRole } from '../../src/roles/index.ts';
import { openRoom } from '../roles/room.ts';
import { tracesFrom } from '../roles/traces.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

it('every step that moves grants keyed by slugs is told in the history of its organization', async () => {
  const legacy = bindLegacy(test.db, builtinPolicy);
  const room = await openRoom(test.db);
  const { value: role } = await room.perform(createRole, { name: 'Reader', grants: [] });
  const row = (principal_urn: string) => ({
    principal_urn,
    scope: 'project:read',
    effect: 'allow',
    selectors: { resource_kind: 'project', resource_id: 'p1' },
  });
  const by = { actor: 'user:ann', requestId: 'r1' };
  await legacy.open(by);
  const { revision } = await legacy.importRows(
    room.id,
    [row('role:org-reader'), row('role:old-name')],
    by,
  );
  await legacy.settle(room.id, { slug: 'old-name', roleId: null }, by);
  await legacy.backfill({}, by);
  const traces = await tracesFrom(test.db, room.id, revision);
  expect(traces.audit).toMatchObject([
    { action: 'legacy.imported', subject: `organization:${room.id}`, after: { grants_by_slug: 2 } },
    { action: 'legacy.settled', subject: 'role:old-name', after: { principal: null } },
    { action: 'legacy.brought_over', subject: role.principal },
  ]);
  for (const { actor, request_id } of traces.audit) {
    expect({ actor, request_id }).toEqual({ actor: 'user:ann', request_id: 'r1' });
  }
  expect((await verifyHistory(test.db, room.id)).broken).toBeNull();
});
