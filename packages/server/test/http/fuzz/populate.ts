import { buildApiKey, buildMember, buildOrganization, buildRole } from '@rolecall/testkit';
import { type Db, query } from '@rolecall/server/database';
import { type Simulator } from '@rolecall/workos-simulator';
import { type Vocabulary } from './from-schema.ts';

/**
 * An organization with something of everything, so that generated requests get past the first gate; linked,
 * where a WorkOS is given.
 */
export async function populate(db: Db, operation: string, workos?: Simulator): Promise<Vocabulary> {
  const id = `fuzz-${operation}`;
  const remote = workos?.dashboard.createOrganization({ name: id });
  const { adminRoleId, memberRoleId } = await buildOrganization(db, {
    id,
    ...(remote !== undefined && { workosId: remote.id }),
  });
  const roles = [];
  for (let n = 0; n < 3; n += 1)
    roles.push(await buildRole(db, id, { name: `Role ${n} of ${id}` }));
  const roleIds = [adminRoleId, memberRoleId, ...roles.map((role) => role.id)];
  const users = [`root@${id}`, `a@${id}`, `b@${id}`];
  await buildMember(db, id, { userId: users[0] ?? '', roleIds: [adminRoleId] });
  for (const userId of users.slice(1))
    await buildMember(db, id, { userId, roleIds: [memberRoleId] });
  const key = await buildApiKey(db, { organizationId: id, secret: `rk_check_${id}` });
  const entityIds = await buildEntities(db, id, roles);
  return {
    org: [id],
    role_id: roleIds,
    role_ids: roleIds,
    user_id: users,
    member_ids: users,
    id: [...users, key.id, ...entityIds, ...entityIds],
    organization_id: [id],
    side: ['here', 'there'],
    state: ['idle', 'planned', 'parked', 'quarantined'],
    principal: [
      ...users.map((user) => `user:${user}`),
      `api_key:${key.id}`,
      `role:global:${adminRoleId}`,
    ],
    scope: [
      'org:admin',
      'org:read',
      'project:read',
      'project:write',
      'mcp:connect',
      'environment:read',
      'root',
    ],
    resource_kind: ['project', 'mcp', 'org', 'environment'],
    resource_id: ['p1', 'p2', '*', id],
    resource_ids: ['p1', 'p2', 'p3'],
    key: ['r1', 'r2', 'r3'],
    roles: ['r1', 'r2', 'admin', 'member'],
    name: ['Role', 'Support', 'Администратор'],
    limit: ['1', '2', '1000'],
  };
}

/** An entity that waits for a person, for each role; a linked organization has been looked at once. */
async function buildEntities(
  db: Db,
  id: string,
  roles: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(db, {
    text: `INSERT INTO rolecall.sync_entities
        (organization_id, kind, subject_id, local_version, priority, state, reason, next_attempt_at)
      SELECT $1, 'organization_role', role, 1, 1, 'planned', 'differs_at_link', NULL
        FROM unnest($2::text[]) AS role
      ON CONFLICT (organization_id, kind, subject_id)
        DO UPDATE SET state = 'planned', reason = 'differs_at_link' RETURNING id`,
    values: [id, roles.map((role) => role.id)],
  });
  return rows.map((row) => row.id);
}
