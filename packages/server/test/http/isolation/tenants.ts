import { randomUUID } from 'node:crypto';
import { type Db, query } from '@rolecall/server/database';
import {
  buildApiKey,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
} from '@rolecall/testkit';
import { type Simulator } from '@rolecall/workos-simulator';

/** The ids by which something of an organization can be named. */
export interface Ids {
  readonly org: string;
  readonly roleId: string;
  readonly adminRoleId: string;
  readonly userId: string;
  readonly apiKeyId: string;
  readonly workosId: string;
  readonly roleName: string;
  readonly importKey: string;
  readonly entityId: string;
}

/** How tenants are made that are kept equal with a WorkOS. */
export interface Linking {
  readonly simulator: Pick<Simulator, 'dashboard'>;
  /** Whether the own one is linked too, which refuses many writes. */
  readonly own: boolean;
}

/** Two organizations that must not know of each other, and the keys of the first. */
export interface Tenants {
  readonly own: Ids;
  readonly other: Ids;
  /** Ids of the same forms that name nothing. */
  readonly absent: Ids;
  /** Stands in every name, address and resource of the own one; the other has a word of the same form. */
  readonly word: string;
  readonly keys: { readonly manage: string; readonly check: string };
}

let last = 0;

export async function buildTenants(db: Db, linking?: Linking): Promise<Tenants> {
  last += 1;
  const word = `confidential${last}own`;
  const secret = `confidential${last}other`;
  const own = await buildTenant(db, `own-${last}`, { word, linking });
  const other = await buildTenant(db, `other-${last}`, { word: secret, linking });
  const manage = await buildApiKey(db, {
    organizationId: own.org,
    secret: `rk_manage_own_${last}`,
  });
  const check = await buildApiKey(db, {
    organizationId: own.org,
    scope: 'check',
    secret: `rk_check_own_${last}`,
  });
  const absent = {
    ...namesOf(`absent-${last}`),
    roleId: randomUUID(),
    adminRoleId: randomUUID(),
    apiKeyId: randomUUID(),
    entityId: randomUUID(),
  };
  return { own, other, absent, word, keys: { manage: manage.secret, check: check.secret } };
}

type Names = Omit<Ids, 'roleId' | 'adminRoleId' | 'apiKeyId' | 'entityId'>;

function namesOf(org: string): Names {
  return {
    org,
    userId: `person-of-${org}`,
    workosId: `workos-of-${org}`,
    roleName: `Team of ${org}`,
    importKey: `key-of-${org}`,
  };
}

async function buildTenant(
  db: Db,
  org: string,
  { word, linking }: { readonly word: string; readonly linking: Linking | undefined },
): Promise<Ids> {
  const isOwn = org.startsWith('own');
  const isLinked = !isOwn || linking?.own === true;
  const ids = {
    ...namesOf(org),
    ...(isLinked && linking && { workosId: remoteOf(linking, org, word) }),
  };
  const { adminRoleId, memberRoleId } = await buildOrganization(db, {
    id: org,
    name: `${word} organization`,
    // A linked organization would refuse many writes for another reason.
    ...(isLinked && { workosId: ids.workosId }),
    ...(!isOwn && { enforcement: 'shadow' as const }),
  });
  await buildGrant(db, org, { roleId: adminRoleId, resourceId: `${word}-vault` });
  const role = await buildRole(db, org, {
    name: ids.roleName,
    slug: `org-team-of-${org}`,
    description: `${word} description`,
    importKey: ids.importKey,
    grants: [{ scope: 'project:write', resourceId: `${word}-project` }],
  });
  const { membershipId } = await buildMember(db, org, {
    userId: ids.userId,
    email: `${word}@mail.example`,
    name: `${word} person`,
    roleIds: [adminRoleId, role.id],
  });
  await buildMember(db, org, {
    userId: `${ids.userId}-2`,
    email: `${word}-2@mail.example`,
    name: `${word} second`,
    roleIds: [memberRoleId],
  });
  // The two differ in every number too.
  if (!isOwn) {
    await buildRole(db, org, { name: `Second team of ${org}`, slug: `org-second-of-${org}` });
    await buildMember(db, org, { userId: `${ids.userId}-3`, roleIds: [memberRoleId] });
  }
  await buildGrant(db, org, { membershipId, resourceId: `${word}-direct` });
  const apiKey = await buildApiKey(db, { organizationId: org, name: `${word} key` });
  await buildGrant(db, org, { apiKeyId: apiKey.id, resourceId: `${word}-for-key` });
  await query(db, {
    text: `WITH state AS (
        UPDATE rolecall.organization_state SET revision = revision + 1, audit_sequence = 1,
            audit_hash = sha256(convert_to($1, 'UTF8'))
        WHERE organization_id = $1 RETURNING revision
      )
      INSERT INTO rolecall.audit_events
        (organization_id, sequence, revision, actor, action, subject, after, hash)
      SELECT $1, 1, revision, 'system', 'member.added', $2, jsonb_build_object('name', $3::text), sha256(convert_to($1, 'UTF8'))
        FROM state`,
    values: [org, `user:${ids.userId}`, `${word} person`],
  });
  await query(db, { text: 'SELECT rolecall.ensure_decision_day(current_date)' });
  await query(db, {
    text: `INSERT INTO rolecall.decision_buckets (organization_id, outcome, key, day, principal, scope,
        resource_id, reason, count, first_at, last_at)
      SELECT $1, outcome, sha256(convert_to($2, 'UTF8')), current_date, $2, 'project:write',
          $3 || '-denied', 'scope_unsatisfied', 1, now(), now()
        FROM unnest(ARRAY['denied', 'would_deny']) AS outcome`,
    values: [org, `user:${ids.userId}`, word],
  });
  const entityId = await buildSync(db, org, role.id);
  return { ...ids, roleId: role.id, adminRoleId, apiKeyId: apiKey.id, entityId };
}

/** What keeps an organization equal: an entity that waits for a person, and a brake that was tripped. */
async function buildSync(db: Db, org: string, roleId: string): Promise<string> {
  const [entity] = await query<{ readonly id: string }>(db, {
    text: `INSERT INTO rolecall.sync_entities
        (organization_id, kind, subject_id, local_version, priority, state, reason, next_attempt_at)
      VALUES ($1, 'organization_role', $2, 1, 1, 'planned', 'differs_at_link', NULL)
      ON CONFLICT (organization_id, kind, subject_id)
        DO UPDATE SET state = 'planned', reason = 'differs_at_link' RETURNING id`,
    values: [org, roleId],
  });
  await query(db, {
    text: `INSERT INTO rolecall.sync_brakes (organization_id, direction, kind, tripped_at)
      VALUES ($1, 'to_workos', 'organization_role', now())`,
    values: [org],
  });
  return entity?.id ?? '';
}

/** The organization's counterpart in WorkOS, whose role differs from the one here. */
export function remoteOf({ simulator }: Linking, org: string, word: string): string {
  const { id } = simulator.dashboard.createOrganization({ name: `${word} organization` });
  simulator.dashboard.createRole({
    organization: id,
    slug: `org-team-of-${org}`,
    name: `Team of ${org}`,
    description: `${word} there`,
  });
  return id;
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
  'audit_anchors',
  'audit_retention',
  'sync_entities',
  'sync_organizations',
  'sync_brakes',
  'decision_buckets',
] as const;

const contents = [
  ...tenantTables.map(
    (table) => `SELECT '${table}', to_jsonb(t) FROM rolecall.${table} t WHERE organization_id = $1`,
  ),
  `SELECT 'organizations', to_jsonb(t) FROM rolecall.organizations t WHERE id = $1`,
  `SELECT 'users', to_jsonb(t) FROM rolecall.users t
    WHERE id IN (SELECT user_id FROM rolecall.memberships WHERE organization_id = $1)`,
].join(' UNION ALL ');

/** Everything that is stored of an organization, to be compared with itself. */
export async function contentsOf(db: Db, { org }: Ids): Promise<string> {
  const rows = await query<{ readonly line: string }>(db, {
    name: 'contents-of-a-tenant',
    text: `SELECT concat_ws(' ', t.name, t.row) AS line FROM (${contents}) AS t (name, row) ORDER BY 1`,
    values: [org],
  });
  return rows.map(({ line }) => line).join('\n');
}
