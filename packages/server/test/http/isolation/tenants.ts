import { randomUUID } from 'node:crypto';
import { type Db, query } from '@rolecall/server/database';
import {
  buildApiKey,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
} from '@rolecall/testkit';

/** The ids by which something of an organization can be named. */
export interface Ids {
  readonly org: string;
  readonly roleId: string;
  readonly adminRoleId: string;
  readonly userId: string;
  readonly apiKeyId: string;
  readonly grantId: string;
  readonly workosId: string;
}

/** Two organizations that must not know of each other, and the keys of the first. */
export interface Tenants {
  readonly own: Ids;
  readonly other: Ids;
  /** Ids of the same forms that name nothing. */
  readonly absent: Ids;
  /** Stands in every name, address and resource of the other one, and in none of its ids. */
  readonly secret: string;
  readonly keys: { readonly manage: string; readonly check: string };
}

let last = 0;

export async function buildTenants(db: Db): Promise<Tenants> {
  last += 1;
  const secret = `confidential${last}`;
  const own = await buildTenant(db, `own-${last}`, 'plain');
  const other = await buildTenant(db, `other-${last}`, secret);
  const manage = await buildApiKey(db, {
    organizationId: own.org,
    secret: `rk_manage_own_${last}`,
  });
  const check = await buildApiKey(db, {
    organizationId: own.org,
    scope: 'check',
    secret: `rk_check_own_${last}`,
  });
  return {
    own,
    other,
    absent: {
      org: `absent-${last}`,
      roleId: randomUUID(),
      adminRoleId: randomUUID(),
      userId: `nobody-${last}`,
      apiKeyId: randomUUID(),
      grantId: '999999999',
      workosId: `workos_${last}_c`,
    },
    secret,
    keys: { manage: manage.secret, check: check.secret },
  };
}

async function buildTenant(db: Db, org: string, word: string): Promise<Ids> {
  const workosId = `workos_${last}_${word === 'plain' ? 'a' : 'b'}`;
  const userId = `somebody-${word}-${last}`.replace(/confidential\d+/, 'else');
  const { adminRoleId, memberRoleId } = await buildOrganization(db, {
    id: org,
    name: `${word} organization`,
    // A linked organization would refuse most writes for another reason.
    ...(word !== 'plain' && { workosId }),
  });
  const role = await buildRole(db, org, {
    name: `${word} role`,
    slug: `org-${word}`,
    description: `${word} description`,
    grants: [{ scope: 'project:write', resourceId: `${word}-project` }],
  });
  const person = { email: `${word}@mail.example`, name: `${word} person` };
  const { membershipId } = await buildMember(db, org, {
    userId,
    ...person,
    roleIds: [adminRoleId, role.id],
  });
  await buildMember(db, org, { userId: `${userId}-2`, roleIds: [memberRoleId] });
  const grantId = await buildGrant(db, org, { membershipId, resourceId: `${word}-direct` });
  const apiKey = await buildApiKey(db, { organizationId: org, name: `${word} key ${last}` });
  await buildGrant(db, org, { apiKeyId: apiKey.id, resourceId: `${word}-for-key` });
  await query(db, {
    text: `WITH state AS (
        UPDATE rolecall.organization_state SET revision = revision + 1, audit_sequence = 1
        WHERE organization_id = $1 RETURNING revision
      )
      INSERT INTO rolecall.audit_events (organization_id, sequence, revision, actor, action, subject)
      SELECT $1, 1, revision, 'system', 'role.created', $2 FROM state`,
    values: [org, `role:organization:${word}`],
  });
  return {
    org,
    roleId: role.id,
    adminRoleId,
    userId,
    apiKeyId: apiKey.id,
    grantId: String(grantId),
    workosId,
  };
}

const tenantTables = [
  'organization_state',
  'memberships',
  'roles',
  'assignments',
  'grants',
  'api_keys',
  'changes',
  'audit_events',
  'sync_entities',
] as const;

/** Everything that is stored of an organization, to be compared with itself. */
export async function contentsOf(db: Db, { org }: Ids): Promise<string> {
  const parts = await Promise.all([
    ...tenantTables.map((table) =>
      query(db, {
        text: `SELECT to_jsonb(t) AS row FROM rolecall.${table} t WHERE organization_id = $1 ORDER BY to_jsonb(t)::text`,
        values: [org],
      }),
    ),
    query(db, { text: 'SELECT * FROM rolecall.organizations WHERE id = $1', values: [org] }),
    query(db, {
      text: `SELECT u.* FROM rolecall.users u
        WHERE u.id IN (SELECT user_id FROM rolecall.memberships WHERE organization_id = $1) ORDER BY u.id`,
      values: [org],
    }),
  ]);
  return JSON.stringify(parts, null, 1);
}
