import { escapeLiteral } from 'pg';
import { firstNames, lastNames } from './seed-names.ts';

/** How much of everything; counted per organization where the name says so. */
export interface SeedSizes {
  readonly organizations: number;
  readonly membersPerOrganization: number;
  readonly rolesPerOrganization: number;
  readonly rolesPerMember: number;
  readonly grantsPerRole: number;
  readonly grantsPerMember: number;
  readonly isLinked: boolean;
  readonly prefix: string;
}

/** The statements that fill the tables, in order, with what each is called. */
export function seedStatements(
  sizes: SeedSizes,
): readonly (readonly [step: string, sql: string])[] {
  const prefix = escapeLiteral(sizes.prefix);
  const organizations = `generate_series(1, ${sizes.organizations}) AS o`;
  const members = `generate_series(1, ${sizes.membersPerOrganization}) AS m`;
  const roles = `generate_series(1, ${sizes.rolesPerOrganization}) AS r`;
  const organizationId = `${prefix} || '-' || o`;
  const userId = `${prefix} || '-' || o || '-' || m`;
  const membershipId = `md5(${prefix} || ' membership ' || o || ' ' || m)::uuid`;
  const roleId = (role: string): string =>
    `md5(${prefix} || ' role ' || o || ' ' || ${role})::uuid`;
  const joinedAt = `timestamptz '2020-01-01 00:00Z' + m / 3 * interval '1 second'`;
  const name = `${pick(firstNames, 'm * 31 + o')} || ' ' || ${pick(lastNames, 'm * 17 + m / 7 + o')}`;
  const email = `'user' || m || '@company' || o || '.example'`;
  const [remoteUser, remoteMembership] = sizes.isLinked
    ? [`'user_' || ${userId}`, `'om_' || ${membershipId}`]
    : ['NULL', 'NULL'];
  return [
    [
      'organizations',
      `INSERT INTO rolecall.organizations (id, name)
         SELECT ${organizationId}, 'Organization ' || o FROM ${organizations};
       INSERT INTO rolecall.organization_state (organization_id, enforcement)
         SELECT ${organizationId}, 'enforced' FROM ${organizations}`,
    ],
    [
      'roles',
      `INSERT INTO rolecall.roles (organization_id, id, kind)
         SELECT ${organizationId}, g.id, 'global' FROM rolecall.global_roles g, ${organizations}
           WHERE g.slug IN ('admin', 'member') AND g.deleted_at IS NULL;
       INSERT INTO rolecall.roles (organization_id, id, kind, slug, name, import_key)
         SELECT ${organizationId}, ${roleId('r')}, 'organization', 'org-role-' || r, 'Role ' || r, 'role-' || r
           FROM ${organizations}, ${roles}`,
    ],
    [
      'users',
      `INSERT INTO rolecall.users (id, workos_user_id, email, name)
         SELECT ${userId}, ${remoteUser}, ${email}, ${name} FROM ${organizations}, ${members}`,
    ],
    [
      'memberships',
      `INSERT INTO rolecall.memberships (organization_id, id, user_id, workos_membership_id, status, email, name, joined_at)
         SELECT ${organizationId}, ${membershipId}, ${userId}, ${remoteMembership}, 'active', ${email}, ${name}, ${joinedAt}
           FROM ${organizations}, ${members}`,
    ],
    [
      'assignments',
      `INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
         SELECT ${organizationId}, ${membershipId}, ${roleId(`(m + k) % ${sizes.rolesPerOrganization} + 1`)}, ${joinedAt}
           FROM ${organizations}, ${members},
             generate_series(1, ${Math.min(sizes.rolesPerMember, sizes.rolesPerOrganization)}) AS k;
       INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
         SELECT ${organizationId}, ${membershipId}, g.id, ${joinedAt}
           FROM ${organizations}, (SELECT 1 AS m) AS first, rolecall.global_roles g
           WHERE g.slug = 'admin' AND ${sizes.membersPerOrganization} > 0`,
    ],
    [
      'grants',
      `INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
         SELECT ${organizationId}, ${roleId('r')}, 'project:read', 'allow', 'project-' || r || '-' || g
           FROM ${organizations}, ${roles}, generate_series(1, ${sizes.grantsPerRole}) AS g;
       INSERT INTO rolecall.grants (organization_id, role_id, scope, effect, resource_id)
         SELECT ${organizationId}, g.id, 'org:admin', 'allow', '*' FROM ${organizations}, rolecall.global_roles g
           WHERE g.slug = 'admin';
       INSERT INTO rolecall.grants (organization_id, membership_id, scope, effect, resource_id)
         SELECT ${organizationId}, ${membershipId}, 'project:write', 'allow', 'own-' || m || '-' || g
           FROM ${organizations}, ${members}, generate_series(1, ${sizes.grantsPerMember}) AS g`,
    ],
    ['counters', COUNTERS],
  ];
}

/** What the triggers would have counted. */
const COUNTERS = `
  UPDATE rolecall.roles r SET member_count = a.members FROM (
      SELECT organization_id, role_id, count(*) AS members FROM rolecall.assignments GROUP BY 1, 2) a
    WHERE r.organization_id = a.organization_id AND r.id = a.role_id;
  UPDATE rolecall.organization_state s SET member_count = m.members FROM (
      SELECT organization_id, count(*) AS members FROM rolecall.memberships WHERE live GROUP BY 1) m
    WHERE m.organization_id = s.organization_id;
  UPDATE rolecall.organization_state s SET role_count = r.roles FROM (
      SELECT organization_id, count(*) AS roles FROM rolecall.roles WHERE live GROUP BY 1) r
    WHERE r.organization_id = s.organization_id`;

/** One of a list by any number. */
function pick(list: readonly string[], number: string): string {
  const items = list.map((item) => escapeLiteral(item)).join(',');
  return `(ARRAY[${items}])[(${number}) % ${list.length} + 1]`;
}
