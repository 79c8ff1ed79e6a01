import { seedMany } from '@rolecall/testkit';
import { Client } from 'pg';

/** How much there is besides the organization that is worked on. */
export interface SyncSeed {
  /** Organizations, each with so many members. */
  readonly organizations: number;
  readonly membersPerOrganization: number;
  /** Members of one more organization, which is larger than all others. */
  readonly large: number;
  readonly events: number;
}

/** The organization that is larger than all others. */
export const LARGE = 'large-1';

/**
 * Makes very many organizations with everything that is kept of linked ones: compared, equal, some of it due. They
 * are linked by `LINK_ALL`, and until then cost the engine nothing: a role of the environment is given to each that is.
 */
export async function seedSync(url: string, seed: SyncSeed): Promise<void> {
  const both = { grantsPerRole: 1, isLinked: true };
  await seedMany(url, { ...both, ...seed, prefix: 'many', rolesPerOrganization: 3 });
  await seedMany(url, {
    ...both,
    organizations: 1,
    membersPerOrganization: seed.large,
    prefix: 'large',
    rolesPerOrganization: 20,
  });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SET session_replication_role = replica');
    for (const text of STATEMENTS) await client.query(text);
    await client.query(EVENTS, [seed.events]);
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** Links every organization that is not. */
export const LINK_ALL = `UPDATE rolecall.organizations SET workos_id = 'org_' || id WHERE workos_id IS NULL`;

const SEEDED = `(organization_id LIKE 'many-%' OR organization_id LIKE 'large-%')`;

const STATEMENTS = [
  `INSERT INTO rolecall.sync_organizations (organization_id, snapshot_wanted, snapshot_done)
     SELECT id, 1 + (random() < 0.001)::int, 1 FROM rolecall.organizations ON CONFLICT DO NOTHING`,
  `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version,
       pushed_version, priority, state, base, next_attempt_at)
     SELECT organization_id, 'organization_role', id::text, 1, 1, 1, 'idle',
         jsonb_build_object('remoteId', 'role_' || id), NULL
       FROM rolecall.roles WHERE kind = 'organization' AND ${SEEDED}`,
  `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version,
       pushed_version, priority, state, reason, base, next_attempt_at)
     SELECT organization_id, 'membership_roles', id::text, 2, CASE WHEN n % 100 = 0 THEN 1 ELSE 2 END, 2,
         CASE WHEN n % 100 = 0 THEN 'pending' WHEN n % 1000 = 1 THEN 'planned' ELSE 'idle' END,
         CASE WHEN n % 1000 = 1 THEN 'differs_at_link' END,
         jsonb_build_object('remoteId', workos_membership_id, 'roles', '["org-role-1"]'::jsonb),
         CASE WHEN n % 100 = 0 THEN now() + (n - 1000) * interval '1 second' END
       FROM (SELECT *, row_number() OVER () AS n FROM rolecall.memberships WHERE ${SEEDED}) m`,
  `INSERT INTO rolecall.sync_entities (organization_id, kind, subject_id, local_version,
       pushed_version, priority, state, next_attempt_at)
     SELECT organization_id, 'external_id', user_id, 1, 1, 2, 'idle', NULL
       FROM rolecall.memberships WHERE ${SEEDED}`,
  `INSERT INTO rolecall.sync_marks (organization_id, kind, key, next_attempt_at)
     SELECT organization_id, 'membership', workos_membership_id, now() + (n - 100) * interval '1 second'
       FROM (SELECT *, row_number() OVER () AS n FROM rolecall.memberships WHERE ${SEEDED}) m
       WHERE n % 4 = 0`,
  `INSERT INTO rolecall.sync_environment_marks (kind, key, next_attempt_at)
     SELECT 'user', workos_user_id, now() + interval '1 hour' FROM rolecall.users
       WHERE workos_user_id LIKE '%7'`,
  `INSERT INTO rolecall.sync_attempts (organization_id, entity_id, value, deadline)
     SELECT organization_id, id, '{"roles": []}', now() + interval '1 minute' FROM rolecall.sync_entities
       WHERE kind = 'membership_roles' AND subject_id < '2' AND ${SEEDED}`,
  `INSERT INTO rolecall.sync_conflicts (organization_id, entity_id, reason, ours, theirs)
     SELECT organization_id, id, 'overruled', '[]', '[]' FROM rolecall.sync_entities
       WHERE kind = 'membership_roles' AND ${SEEDED}`,
  `INSERT INTO rolecall.legacy_grants (organization_id, slug, role_id, scope, effect, resource_id)
     SELECT organization_id, slug, id, 'project:write', 'allow', 'p' || n FROM rolecall.roles,
         generate_series(1, 3) n WHERE kind = 'organization' AND ${SEEDED}`,
  `INSERT INTO rolecall.sync_seen (organization_id, remote_id)
     SELECT organization_id, workos_membership_id FROM rolecall.memberships WHERE ${SEEDED}`,
  `INSERT INTO rolecall.sync_snapshots (organization_id, target)
     SELECT organization_id, 2 FROM rolecall.sync_organizations WHERE organization_id <> 'acme'`,
  `INSERT INTO rolecall.changes (organization_id, revision, what)
     SELECT organization_id, revision + n, '{}' FROM rolecall.organization_state, generate_series(1, 3) n
       WHERE ${SEEDED}`,
  `INSERT INTO rolecall.sync_brakes (organization_id, direction, kind, removals)
     SELECT organization_id, 'from_workos', 'membership_roles', 3 FROM rolecall.sync_organizations`,
] as const;

/** One in a hundred waits for an organization that nobody has linked; a few are quarantined. */
const EVENTS = `INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, data, state, waits_for, reason)
  SELECT 'event_00' || to_char(n, 'FM000000000'), 'organization_membership.updated', now(), '{}',
      CASE WHEN n % 100 = 0 THEN 'parked' WHEN n % 1000 = 1 THEN 'quarantined' ELSE 'taken' END,
      CASE WHEN n % 100 = 0 THEN 'org_unknown_' || n % 777 END,
      CASE WHEN n % 1000 = 1 THEN 'unexpected_answer' END
    FROM generate_series(1, $1::int) n`;
