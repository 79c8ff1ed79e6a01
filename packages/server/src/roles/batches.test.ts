import { query } from '@rolecall/server/database';
import { createTestDatabase, seedMany } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom, perform } from '../../test/roles/room.ts';
import { brokenInvariants, tracesFrom } from '../../test/roles/traces.ts';
import { batchesOf } from './batches.ts';
import { deleteRole, getRole, importOrganization } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

describe('a list in batches', () => {
  it('is whole and in order', () => {
    expect([...batchesOf([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...batchesOf([], 2)]).toEqual([]);
  });
});

describe('a command that concerns more than fit one statement', () => {
  it('takes a role from 10,500 members, each with an event, and leaves nobody without', async () => {
    const ids = await seedMany(test.url, {
      organizations: 1,
      membersPerOrganization: 10_500,
      rolesPerOrganization: 1,
      grantsPerRole: 1,
    });
    const organizationId = ids.organization(1);
    // What is seeded has neither revisions nor a history of its own.
    const roleId = ids.role(1, 1);
    const { value, revision } = await perform(test.db, organizationId, deleteRole, { roleId });
    expect(value.memberCount).toBe(10_500);
    const { audit, changes } = await tracesFrom(test.db, organizationId, revision);
    expect(changes).toEqual([{ revision, what: { organization: true } }]);
    expect(audit).toHaveLength(10_501);
    const [member] = await query<{ readonly id: string }>(test.db, {
      text: `SELECT rolecall.system_role_id($1, 'member') AS id`,
      values: [organizationId],
    });
    const left = await getRole(test.db, organizationId, member?.id ?? '');
    // The first member is the admin and keeps that.
    expect(left.memberCount).toBe(10_499);
    expect(await brokenInvariants(test.db)).toEqual([]);
  });

  it('imports 10,500 members and as many grants at once', async () => {
    const room = await openRoom(test.db);
    const roles = Array.from({ length: 2 }, (_, index) => ({
      key: `r${index}`,
      name: `Role ${index}`,
      grants: [
        {
          scope: 'project:read',
          selectors: Array.from({ length: 5_250 }, (__, id) => ({
            resource_kind: 'project',
            resource_id: `p${id}`,
          })),
        },
      ],
    }));
    const members = Array.from({ length: 10_500 }, (_, index) => ({
      id: `${room.id}-${index}`,
      email: `${index}@example.com`,
      roles: [`r${index % 2}`],
    }));
    const { value } = await room.perform(importOrganization, { roles, members });
    expect(value).toMatchObject({ grantsCreated: 10_500, membersCreated: 10_500 });
    const [rows] = await query<{ readonly imported: number; readonly granted: number }>(test.db, {
      text: `SELECT (SELECT count(*) FROM rolecall.assignments a JOIN rolecall.roles r ON r.id = a.role_id
            WHERE a.organization_id = $1 AND r.import_key IN ('r0', 'r1'))::int AS imported,
          (SELECT count(*) FROM rolecall.grants WHERE organization_id = $1 AND resource_id LIKE 'p%')::int AS granted`,
      values: [room.id],
    });
    expect(rows).toEqual({ imported: 10_500, granted: 10_500 });
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});
