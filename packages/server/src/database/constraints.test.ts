import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction, query, sqlStateOf, type Statement, violatedConstraint } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const id = (last: number): string => `00000000-0000-4000-8000-${String(last).padStart(12, '0')}`;
const ROLE = id(1);
const DELETED_ROLE = id(2);
const OTHER_ROLE = id(3);
const GLOBAL_ROLE = id(4);
const MEMBERSHIP = id(11);
const DELETED_MEMBERSHIP = id(12);
const PENDING_MEMBERSHIP = id(13);
const OTHER_MEMBERSHIP = id(14);
const KEY = id(21);
const ENVIRONMENT_KEY = id(22);
const NOTHING = id(99);
const JOINED = '2026-01-01T00:00:00.000Z';
const LONG = (length: number): string => 'x'.repeat(length);

/** Two organizations with something of everything; each test changes it and is rolled back. */
beforeAll(async () => {
  await test.database.pool.query(`
    BEGIN;
    INSERT INTO rolecall.organizations (id, name, workos_id) VALUES ('acme', 'Acme', 'org_1'), ('other', 'Other', NULL), ('fourth', 'Fourth', NULL);
    INSERT INTO rolecall.organization_state (organization_id, enforcement, revision, audit_sequence)
      VALUES ('acme', 'enforced', 5, 5), ('other', 'off', 0, 0), ('fourth', 'off', 0, 0);
    INSERT INTO rolecall.users (id, workos_user_id) VALUES ('ann', 'user_1'), ('bob', NULL), ('cy', NULL), ('dan', NULL);
    INSERT INTO rolecall.global_roles (id, slug, name) VALUES ('${GLOBAL_ROLE}', 'billing', 'Billing');
    INSERT INTO rolecall.roles (organization_id, id, kind, slug, name, import_key, deleted_at) VALUES
      ('acme', '${ROLE}', 'organization', 'org-reader', 'Reader', 'reader', NULL),
      ('acme', '${DELETED_ROLE}', 'organization', 'org-gone', 'Gone', 'gone', now()),
      ('other', '${OTHER_ROLE}', 'organization', 'org-reader', 'Reader', NULL, NULL);
    INSERT INTO rolecall.memberships
      (organization_id, id, user_id, workos_membership_id, status, joined_at, deleted_at) VALUES
      ('acme', '${MEMBERSHIP}', 'ann', 'om_1', 'active', '${JOINED}', NULL),
      ('acme', '${DELETED_MEMBERSHIP}', 'bob', NULL, 'active', '${JOINED}', now()),
      ('acme', '${PENDING_MEMBERSHIP}', NULL, NULL, 'pending', '${JOINED}', NULL),
      ('other', '${OTHER_MEMBERSHIP}', 'ann', NULL, 'active', '${JOINED}', NULL);
    INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
      VALUES ('acme', '${MEMBERSHIP}', '${ROLE}', '${JOINED}');
    INSERT INTO rolecall.api_keys (id, organization_id, scope, name, hash, hint) VALUES
      ('${KEY}', 'acme', 'manage', 'key', decode(repeat('01', 32), 'hex'), 'abcd'),
      ('${ENVIRONMENT_KEY}', NULL, 'check', 'key', decode(repeat('02', 32), 'hex'), 'abcd');
    INSERT INTO rolecall.grants (organization_id, role_id, membership_id, api_key_id, scope, effect, resource_id) VALUES
      ('acme', '${ROLE}', NULL, NULL, 'project:read', 'allow', 'p1'),
      ('acme', NULL, '${MEMBERSHIP}', NULL, 'project:read', 'allow', 'p1'),
      ('acme', NULL, NULL, '${KEY}', 'project:read', 'allow', 'p1');
    UPDATE rolecall.environment SET legacy_state = 'dual';
    INSERT INTO rolecall.legacy_grants (organization_id, slug, scope, effect, resource_id)
      VALUES ('acme', 'org-reader', 'project:read', 'allow', 'p1');
    INSERT INTO rolecall.changes (organization_id, revision, what) VALUES ('acme', 1, '{}');
    INSERT INTO rolecall.audit_events (organization_id, sequence, revision, actor, action, subject, hash)
      VALUES ('acme', 1, 1, 'system', 'x', 'y', decode(repeat('01', 32), 'hex')),
        ('acme', 2, 1, 'system', 'x', 'y', decode(repeat('02', 32), 'hex')),
        ('other', 1, 1, 'system', 'x', 'y', decode(repeat('03', 32), 'hex'));
    INSERT INTO rolecall.audit_anchors (organization_id, sequence, hash)
      VALUES ('acme', 1, decode(repeat('01', 32), 'hex'));
    INSERT INTO rolecall.audit_retention (organization_id, days) VALUES ('acme', 365);
    INSERT INTO rolecall.environment_audit_events (actor, action, subject) VALUES ('system', 'x', 'y');
    INSERT INTO rolecall.sync_entities (organization_id, id, kind, subject_id, local_version, priority)
      VALUES ('acme', '${id(31)}', 'organization_role', 's', 1, 0);
    INSERT INTO rolecall.sync_organizations (organization_id) VALUES ('acme') ON CONFLICT DO NOTHING;
    INSERT INTO rolecall.sync_marks (organization_id, kind, key, id) VALUES ('acme', 'membership', 'om_1', '${id(32)}');
    INSERT INTO rolecall.sync_brakes (organization_id, direction, kind)
      VALUES ('acme', 'to_workos', 'membership_roles');
    INSERT INTO rolecall.sync_snapshots (organization_id, target) VALUES ('acme', 1);
    INSERT INTO rolecall.sync_seen (organization_id, remote_id) VALUES ('acme', 'om_1');
    INSERT INTO rolecall.sync_organizations (organization_id) VALUES ('fourth') ON CONFLICT DO NOTHING;
    INSERT INTO rolecall.sync_environment_marks (kind, key, id) VALUES ('user', 'user_1', '${id(33)}');
    INSERT INTO rolecall.sync_cursors (stream) VALUES ('events');
    INSERT INTO rolecall.sync_inbox (event_id, type, happened_at, data, state) VALUES ('event_1', 'x', now(), '{}', 'taken');
    INSERT INTO rolecall.idempotency_keys (api_key_id, fingerprint, request_hash)
      VALUES ('${KEY}', decode(repeat('01', 32), 'hex'), decode(repeat('01', 32), 'hex'));
    COMMIT`);
});

type Row = Readonly<Record<string, unknown>>;

/** For each table a row that is right, until a case changes something of it. */
const rightRows = {
  environment: { singleton: false },
  organizations: { id: 'third', name: 'Third' },
  organization_state: { organization_id: 'acme', enforcement: 'enforced' },
  users: { id: 'eve', email: 'eve@example.com' },
  memberships: { organization_id: 'acme', user_id: 'cy', status: 'active' },
  global_roles: { slug: 'auditor', name: 'Auditor' },
  roles: { organization_id: 'acme', kind: 'organization', slug: 'org-new', name: 'New' },
  assignments: {
    organization_id: 'other',
    membership_id: OTHER_MEMBERSHIP,
    role_id: OTHER_ROLE,
    joined_at: JOINED,
  },
  api_keys: { scope: 'manage', name: 'new', hash: Buffer.alloc(32, 9), hint: 'abcd' },
  grants: {
    organization_id: 'acme',
    role_id: ROLE,
    scope: 'project:read',
    effect: 'allow',
    resource_id: 'p2',
  },
  legacy_grants: {
    organization_id: 'acme',
    slug: 'org-reader',
    scope: 'project:read',
    effect: 'allow',
    resource_id: 'p2',
  },
  changes: { organization_id: 'acme', revision: 2, what: '{}' },
  audit_events: {
    organization_id: 'acme',
    sequence: 3,
    revision: 2,
    actor: 'system',
    action: 'x',
    subject: 'y',
    hash: Buffer.alloc(32, 4),
  },
  audit_anchors: { organization_id: 'other', sequence: 1, hash: Buffer.alloc(32, 3) },
  audit_retention: { organization_id: 'other', days: null },
  environment_audit_events: { actor: 'system', action: 'x', subject: 'y' },
  sync_entities: {
    organization_id: 'acme',
    kind: 'membership_roles',
    subject_id: 's',
    local_version: 1,
    priority: 0,
  },
  idempotency_keys: {
    api_key_id: ENVIRONMENT_KEY,
    fingerprint: Buffer.alloc(32),
    request_hash: Buffer.alloc(32),
  },
  migrations: { name: '9999_x.sql', sha256: 'x' },
  workos_gate: { singleton: true },
  workos_environment: { role_ids: ['role_1'] },
  sync_attempts: { organization_id: 'acme', entity_id: id(31), value: '{}', deadline: 'infinity' },
  sync_organizations: { organization_id: 'other' },
  sync_marks: { organization_id: 'acme', kind: 'membership', key: 'om_2' },
  sync_environment_marks: { kind: 'user', key: 'user_2' },
  sync_cursors: { stream: 'others' },
  sync_inbox: { event_id: 'event_2', type: 'x', happened_at: JOINED, data: '{}', state: 'taken' },
  sync_conflicts: { organization_id: 'acme', entity_id: id(31), reason: 'overruled' },
  sync_settings: { singleton: true },
  sync_brakes: { organization_id: 'acme', direction: 'from_workos', kind: 'membership_roles' },
  sync_snapshots: { organization_id: 'fourth', target: 1 },
  sync_seen: { organization_id: 'acme', remote_id: 'om_2' },
  decision_settings: { singleton: true },
} as const satisfies Readonly<Record<string, Row>>;
type Table = keyof typeof rightRows;

function insertion(table: Table, change: Row = {}): Statement {
  const row: Row = { ...rightRows[table], ...change };
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  return {
    text: `INSERT INTO rolecall.${table} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    values: Object.values(row),
  };
}

const ACCEPTED = new Error('accepted');

/** The constraint that refuses a statement, or `accepted`. */
async function refuserOf(...statements: readonly Statement[]): Promise<string> {
  try {
    await inTransaction(test.db, async (tx) => {
      for (const statement of statements) await query(tx, statement);
      await query(tx, { text: 'SET CONSTRAINTS ALL IMMEDIATE' });
      throw ACCEPTED;
    });
  } catch (error) {
    if (error === ACCEPTED) return 'accepted';
    const constraint = violatedConstraint(error);
    if (constraint === undefined) throw error;
    return constraint;
  }
  throw new Error('unreachable');
}

const ANCHOR_OF_ACME = { organization_id: 'acme', sequence: 2, hash: Buffer.alloc(32, 2) };

const wrongRows: readonly (readonly [constraint: string, table: Table, change: Row])[] = [
  ['environment_singleton_check', 'environment', { singleton: false }],
  ['environment_pkey', 'environment', { singleton: true }],

  ['organizations_pkey', 'organizations', { id: 'acme' }],
  ['organizations_id_check', 'organizations', { id: '' }],
  ['organizations_id_check', 'organizations', { id: '*' }],
  ['organizations_id_check', 'organizations', { id: 'a b' }],
  ['organizations_id_check', 'organizations', { id: 'a\u0007' }],
  ['organizations_id_check', 'organizations', { id: 'a\n' }],
  ['organizations_id_check', 'organizations', { id: LONG(256) }],
  ['organizations_name_check', 'organizations', { name: '' }],
  ['organizations_name_check', 'organizations', { name: LONG(256) }],
  ['organizations_workos_id_key', 'organizations', { workos_id: 'org_1' }],
  ['organizations_workos_id_check', 'organizations', { workos_id: ' ' }],
  ['organizations_have_state', 'organizations', {}],

  ['organization_state_pkey', 'organization_state', {}],
  ['organization_state_organization_id_fkey', 'organization_state', { organization_id: 'nowhere' }],
  ['organization_state_revision_check', 'organization_state', { revision: -1 }],
  ['organization_state_enforcement_check', 'organization_state', { enforcement: 'maybe' }],
  ['organization_state_member_count_check', 'organization_state', { member_count: -1 }],
  ['organization_state_role_count_check', 'organization_state', { role_count: -1 }],
  ['organization_state_audit_sequence_check', 'organization_state', { audit_sequence: -1 }],
  ['organization_state_audit_hash_check', 'organization_state', { audit_hash: Buffer.alloc(31) }],

  ['users_pkey', 'users', { id: 'ann' }],
  ['users_id_check', 'users', { id: 'an n' }],
  ['users_workos_user_id_key', 'users', { workos_user_id: 'user_1' }],
  ['users_workos_user_id_check', 'users', { workos_user_id: '' }],
  ['users_email_check', 'users', { email: '' }],
  ['users_name_check', 'users', { name: LONG(256) }],
  ['users_photo_url_check', 'users', { photo_url: LONG(2049) }],

  ['memberships_pkey', 'memberships', { id: MEMBERSHIP }],
  ['memberships_organization_id_fkey', 'memberships', { organization_id: 'nowhere' }],
  ['memberships_user_id_fkey', 'memberships', { user_id: 'nobody' }],
  ['memberships_one_life', 'memberships', { user_id: 'ann' }],
  ['memberships_workos_membership_id_key', 'memberships', { workos_membership_id: 'om_1' }],
  ['memberships_workos_membership_id_check', 'memberships', { workos_membership_id: '*' }],
  ['memberships_status_check', 'memberships', { status: 'gone' }],
  ['memberships_active_has_user', 'memberships', { user_id: null }],
  ['memberships_email_check', 'memberships', { email: LONG(321) }],
  ['memberships_name_check', 'memberships', { name: LONG(256) }],
  ['memberships_photo_url_check', 'memberships', { photo_url: LONG(2049) }],

  ['global_roles_pkey', 'global_roles', { id: GLOBAL_ROLE }],
  ['global_roles_slug', 'global_roles', { slug: 'admin' }],
  ['global_roles_slug_check', 'global_roles', { slug: '' }],
  ['global_roles_name_check', 'global_roles', { name: LONG(49) }],
  ['global_roles_description_check', 'global_roles', { description: LONG(151) }],

  ['roles_pkey', 'roles', { id: ROLE }],
  ['roles_organization_id_fkey', 'roles', { organization_id: 'nowhere' }],
  ['roles_kind_check', 'roles', { kind: 'local', slug: null, name: null }],
  ['roles_global_role_id_fkey', 'roles', { kind: 'global', id: NOTHING, slug: null, name: null }],
  ['roles_slug', 'roles', { slug: 'org-reader' }],
  ['roles_slug', 'roles', { slug: 'org-gone' }],
  ['roles_slug_check', 'roles', { slug: 'reader' }],
  ['roles_slug_check', 'roles', { slug: 'org-' }],
  ['roles_slug_check', 'roles', { slug: `org-${LONG(45)}` }],
  ['roles_slug_is_own', 'roles', { slug: null }],
  ['roles_name', 'roles', { name: 'READER' }],
  ['roles_name_check', 'roles', { name: '' }],
  ['roles_name_check', 'roles', { name: LONG(49) }],
  ['roles_name_is_own', 'roles', { name: null }],
  [
    'roles_global_adds_nothing',
    'roles',
    { kind: 'global', slug: null, name: null, description: 'mine' },
  ],
  ['roles_live_holds_slug', 'roles', { slug_held: false }],
  ['roles_description_check', 'roles', { description: LONG(151) }],
  ['roles_import_key', 'roles', { import_key: 'reader' }],
  ['roles_import_key_check', 'roles', { import_key: '*' }],
  ['roles_version_check', 'roles', { version: 0 }],
  ['roles_member_count_check', 'roles', { member_count: -1 }],

  ['assignments_of_live_membership', 'assignments', { membership_id: NOTHING }],
  ['assignments_of_live_membership', 'assignments', { membership_id: MEMBERSHIP }],
  ['assignments_of_live_membership', 'assignments', { joined_at: '2026-01-02T00:00:00.000Z' }],
  [
    'assignments_of_live_membership',
    'assignments',
    { organization_id: 'acme', membership_id: DELETED_MEMBERSHIP, role_id: ROLE },
  ],
  ['assignments_membership_live_check', 'assignments', { membership_live: false }],
  ['assignments_of_live_role', 'assignments', { role_id: NOTHING }],
  ['assignments_of_live_role', 'assignments', { role_id: ROLE }],
  [
    'assignments_of_live_role',
    'assignments',
    { organization_id: 'acme', membership_id: MEMBERSHIP, role_id: DELETED_ROLE },
  ],
  ['assignments_role_live_check', 'assignments', { role_live: false }],
  [
    'assignments_pkey',
    'assignments',
    { organization_id: 'acme', membership_id: MEMBERSHIP, role_id: ROLE },
  ],

  ['api_keys_pkey', 'api_keys', { id: KEY }],
  ['api_keys_organization_id_fkey', 'api_keys', { organization_id: 'nowhere' }],
  ['api_keys_scope_check', 'api_keys', { scope: 'everything' }],
  ['api_keys_name_check', 'api_keys', { name: '' }],
  ['api_keys_hash_key', 'api_keys', { hash: Buffer.alloc(32, 1) }],
  ['api_keys_hash_check', 'api_keys', { hash: Buffer.alloc(31) }],
  ['api_keys_hint_check', 'api_keys', { hint: LONG(9) }],

  ['grants_organization_id_fkey', 'grants', { organization_id: 'nowhere' }],
  ['grants_have_one_holder', 'grants', { role_id: null }],
  ['grants_have_one_holder', 'grants', { membership_id: MEMBERSHIP }],
  ['grants_of_a_role', 'grants', { role_id: OTHER_ROLE }],
  ['grants_of_an_api_key', 'grants', { role_id: null, api_key_id: ENVIRONMENT_KEY }],
  ['grants_of_a_live_membership', 'grants', { role_id: null, membership_id: OTHER_MEMBERSHIP }],
  ['grants_of_a_live_membership', 'grants', { role_id: null, membership_id: DELETED_MEMBERSHIP }],
  ['grants_of_role', 'grants', { resource_id: 'p1' }],
  [
    'grants_of_membership',
    'grants',
    { role_id: null, membership_id: MEMBERSHIP, resource_id: 'p1' },
  ],
  ['grants_of_api_key', 'grants', { role_id: null, api_key_id: KEY, resource_id: 'p1' }],
  ['grants_scope_check', 'grants', { scope: 'root' }],
  ['grants_scope_check', 'grants', { scope: 'Project:read' }],
  ['grants_scope_check', 'grants', { scope: `project:${LONG(93)}` }],
  ['grants_effect_check', 'grants', { effect: 'maybe' }],
  ['grants_deny_no_org', 'grants', { scope: 'org:read', effect: 'deny' }],
  ['grants_resource_id_check', 'grants', { resource_id: '' }],
  ['grants_dimensions_check', 'grants', { dimensions: '[]' }],
  ['grants_dimensions_check', 'grants', { dimensions: JSON.stringify({ tool: LONG(1100) }) }],
  ['grants_dimensions_are_named', 'grants', { dimensions: '{"tool": "*"}' }],
  ['grants_dimensions_are_named', 'grants', { dimensions: '{"tool": ""}' }],
  ['grants_dimensions_are_named', 'grants', { dimensions: '{"tool": 1}' }],
  ['grants_dimensions_are_named', 'grants', { dimensions: '{"tool": ["a"]}' }],

  ['legacy_grants_organization_id_fkey', 'legacy_grants', { organization_id: 'nowhere' }],
  [
    'legacy_grants_organization_id_slug_scope_effect_resource_id_key',
    'legacy_grants',
    { resource_id: 'p1' },
  ],
  ['legacy_grants_of_a_role', 'legacy_grants', { role_id: OTHER_ROLE, brought_over: true }],
  ['legacy_grants_brought_to_a_role', 'legacy_grants', { brought_over: true }],
  ['legacy_grants_made_for_a_row', 'legacy_grants', { grant_id: 1 }],
  ['legacy_grants_slug_check', 'legacy_grants', { slug: 'global:x' }],
  ['legacy_grants_slug_check', 'legacy_grants', { slug: LONG(256) }],
  ['legacy_grants_scope_check', 'legacy_grants', { scope: 'root' }],
  ['legacy_grants_effect_check', 'legacy_grants', { effect: 'maybe' }],
  ['legacy_grants_deny_no_org', 'legacy_grants', { scope: 'org:read', effect: 'deny' }],
  ['legacy_grants_resource_id_check', 'legacy_grants', { resource_id: '' }],
  ['legacy_grants_dimensions_check', 'legacy_grants', { dimensions: '[]' }],
  ['legacy_grants_dimensions_are_named', 'legacy_grants', { dimensions: '{"tool": "*"}' }],

  ['changes_pkey', 'changes', { revision: 1 }],
  ['changes_organization_id_fkey', 'changes', { organization_id: 'nowhere' }],
  ['changes_revision_check', 'changes', { revision: 0 }],
  ['changes_what_check', 'changes', { what: '[]' }],

  ['audit_events_pkey', 'audit_events', { sequence: 1 }],
  ['audit_events_organization_id_fkey', 'audit_events', { organization_id: 'nowhere' }],
  ['audit_events_sequence_check', 'audit_events', { sequence: 0 }],
  ['audit_events_revision_check', 'audit_events', { revision: 0 }],
  ['audit_events_cause_check', 'audit_events', { cause: '' }],
  ['audit_events_hash_check', 'audit_events', { hash: Buffer.alloc(31) }],
  ['environment_audit_events_cause_check', 'environment_audit_events', { cause: '' }],

  ['audit_anchors_pkey', 'audit_anchors', ANCHOR_OF_ACME],
  ['audit_anchors_hold', 'audit_anchors', { sequence: 2 }],
  ['audit_anchors_hold', 'audit_anchors', { hash: Buffer.alloc(32, 9) }],
  ['audit_anchors_hold', 'audit_anchors', { organization_id: 'nowhere' }],

  ['audit_retention_pkey', 'audit_retention', { organization_id: 'acme' }],
  ['audit_retention_organization_id_fkey', 'audit_retention', { organization_id: 'nowhere' }],
  ['audit_retention_days_check', 'audit_retention', { days: 0 }],
  ['audit_retention_days_check', 'audit_retention', { days: 36_501 }],

  ['sync_entities_pkey', 'sync_entities', { kind: 'organization_role' }],
  ['sync_entities_id_key', 'sync_entities', { id: id(31) }],
  ['sync_entities_organization_id_fkey', 'sync_entities', { organization_id: 'nowhere' }],
  ['sync_entities_kind_check', 'sync_entities', { kind: 'grant' }],
  ['sync_entities_local_version_check', 'sync_entities', { local_version: 0 }],
  ['sync_entities_pushed_version_check', 'sync_entities', { pushed_version: -1 }],
  ['sync_entities_push_what_is', 'sync_entities', { pushed_version: 2 }],
  ['sync_entities_priority_check', 'sync_entities', { priority: 4 }],
  ['sync_entities_state_check', 'sync_entities', { state: 'odd' }],
  ['sync_entities_reason_check', 'sync_entities', { reason: 'Not a code' }],
  ['sync_entities_base_check', 'sync_entities', { base: '[]' }],
  ['sync_entities_failures_check', 'sync_entities', { failures: -1 }],
  ['sync_entities_idle_is_settled', 'sync_entities', { state: 'idle' }],

  ['sync_attempts_of_entity', 'sync_attempts', { entity_id: NOTHING }],
  ['sync_attempts_value_check', 'sync_attempts', { value: '[]' }],
  ['sync_attempts_end', 'sync_attempts', { deadline: JOINED }],

  ['sync_organizations_pkey', 'sync_organizations', { organization_id: 'acme' }],
  ['sync_organizations_organization_id_fkey', 'sync_organizations', { organization_id: 'nowhere' }],
  ['sync_organizations_epoch_check', 'sync_organizations', { epoch: -1 }],
  ['sync_organizations_snapshot_wanted_check', 'sync_organizations', { snapshot_wanted: 0 }],
  ['sync_organizations_snapshot_done_check', 'sync_organizations', { snapshot_done: -1 }],
  ['sync_organizations_held', 'sync_organizations', { holder: NOTHING }],
  ['sync_organizations_done', 'sync_organizations', { snapshot_done: 2 }],

  ['sync_organizations_differing_check', 'sync_organizations', { differing: -1 }],
  ['sync_organizations_marked_revision_check', 'sync_organizations', { marked_revision: -1 }],

  ['sync_brakes_pkey', 'sync_brakes', { direction: 'to_workos' }],
  ['sync_brakes_organization_id_fkey', 'sync_brakes', { organization_id: 'nowhere' }],
  ['sync_brakes_direction_check', 'sync_brakes', { direction: 'up' }],
  ['sync_brakes_kind_check', 'sync_brakes', { kind: 'external_id' }],
  ['sync_brakes_removals_check', 'sync_brakes', { removals: -1 }],
  ['sync_brakes_released_by_check', 'sync_brakes', { released_by: '' }],

  ['sync_snapshots_pkey', 'sync_snapshots', { organization_id: 'acme' }],
  ['sync_snapshots_organization_id_fkey', 'sync_snapshots', { organization_id: 'nowhere' }],
  ['sync_snapshots_target_check', 'sync_snapshots', { target: 0 }],
  ['sync_snapshots_stage_check', 'sync_snapshots', { stage: 'odd' }],
  ['sync_snapshots_listed_check', 'sync_snapshots', { listed: -1 }],
  ['sync_snapshots_differing_check', 'sync_snapshots', { differing: -1 }],

  ['sync_seen_pkey', 'sync_seen', { remote_id: 'om_1' }],
  ['sync_seen_organization_id_fkey', 'sync_seen', { organization_id: 'nowhere' }],

  ['sync_marks_id_key', 'sync_marks', { id: id(32) }],
  ['sync_marks_state_check', 'sync_marks', { state: 'odd' }],
  ['sync_marks_reason_check', 'sync_marks', { reason: 'Not a code' }],
  ['sync_marks_event_id_check', 'sync_marks', { event_id: '' }],
  ['sync_environment_marks_id_key', 'sync_environment_marks', { id: id(33) }],
  ['sync_environment_marks_state_check', 'sync_environment_marks', { state: 'blocked' }],
  ['sync_environment_marks_reason_check', 'sync_environment_marks', { reason: 'Not a code' }],
  ['sync_environment_marks_event_id_check', 'sync_environment_marks', { event_id: '' }],

  ['sync_settings_brake_count_check', 'sync_settings', { brake_count: -1 }],
  ['sync_settings_brake_percent_check', 'sync_settings', { brake_percent: 101 }],
  ['sync_settings_retention_days_check', 'sync_settings', { retention_days: 0 }],
  ['sync_settings_restored_check', 'sync_settings', { restored: '[]' }],

  ['sync_marks_pkey', 'sync_marks', { key: 'om_1' }],
  ['sync_marks_organization_id_fkey', 'sync_marks', { organization_id: 'nowhere' }],
  ['sync_marks_kind_check', 'sync_marks', { kind: 'user' }],
  ['sync_marks_key_check', 'sync_marks', { key: '*' }],
  ['sync_marks_raised_check', 'sync_marks', { raised: 0 }],
  ['sync_marks_failures_check', 'sync_marks', { failures: -1 }],
  ['sync_marks_event_id_check', 'sync_marks', { event_id: '' }],

  ['sync_environment_marks_pkey', 'sync_environment_marks', { key: 'user_1' }],
  ['sync_environment_marks_kind_check', 'sync_environment_marks', { kind: 'membership' }],
  ['sync_environment_marks_key_check', 'sync_environment_marks', { key: '' }],
  ['sync_environment_marks_raised_check', 'sync_environment_marks', { raised: 0 }],
  ['sync_environment_marks_failures_check', 'sync_environment_marks', { failures: -1 }],
  ['sync_environment_marks_event_id_check', 'sync_environment_marks', { event_id: '' }],

  ['sync_cursors_pkey', 'sync_cursors', { stream: 'events' }],
  ['sync_cursors_stream_check', 'sync_cursors', { stream: 'Two words' }],
  ['sync_cursors_position_check', 'sync_cursors', { position: '' }],

  ['sync_inbox_pkey', 'sync_inbox', { event_id: 'event_1' }],
  ['sync_inbox_event_id_check', 'sync_inbox', { event_id: '' }],
  ['sync_inbox_type_check', 'sync_inbox', { type: '' }],
  ['sync_inbox_state_check', 'sync_inbox', { state: 'odd' }],
  ['sync_inbox_waits_for_check', 'sync_inbox', { state: 'parked', waits_for: '' }],
  ['sync_inbox_reason_check', 'sync_inbox', { state: 'quarantined', reason: 'Not a code' }],
  ['sync_inbox_parked', 'sync_inbox', { state: 'parked' }],
  ['sync_inbox_quarantined', 'sync_inbox', { state: 'quarantined' }],

  ['sync_conflicts_of_entity', 'sync_conflicts', { entity_id: NOTHING }],
  ['sync_conflicts_reason_check', 'sync_conflicts', { reason: 'Not a code' }],

  ['decision_settings_pkey', 'decision_settings', {}],
  ['decision_settings_singleton_check', 'decision_settings', { singleton: false }],
  ['decision_settings_retention_days_check', 'decision_settings', { retention_days: 0 }],
  ['decision_settings_allow_sample_rate_check', 'decision_settings', { allow_sample_rate: 1.5 }],
  ['sync_settings_pkey', 'sync_settings', {}],
  ['sync_settings_singleton_check', 'sync_settings', { singleton: false }],
  ['sync_settings_mode_check', 'sync_settings', { mode: 'odd' }],

  [
    'idempotency_keys_pkey',
    'idempotency_keys',
    { api_key_id: KEY, fingerprint: Buffer.alloc(32, 1) },
  ],
  ['idempotency_keys_api_key_id_fkey', 'idempotency_keys', { api_key_id: NOTHING }],
  ['idempotency_keys_fingerprint_check', 'idempotency_keys', { fingerprint: Buffer.alloc(0) }],
  ['idempotency_keys_request_hash_check', 'idempotency_keys', { request_hash: Buffer.alloc(33) }],

  ['migrations_pkey', 'migrations', { name: '0001_foundation.sql' }],

  ['workos_gate_pkey', 'workos_gate', {}],
  ['workos_gate_singleton_check', 'workos_gate', { singleton: false }],
  ['workos_gate_circuit_check', 'workos_gate', { circuit: 'ajar', retry_at: JOINED }],
  ['workos_gate_retry', 'workos_gate', { circuit: 'open' }],
  ['workos_gate_refused', 'workos_gate', { circuit: 'refused', retry_at: JOINED }],
  ['workos_gate_probe', 'workos_gate', { probe_holder: NOTHING, probe_until: JOINED }],
  ['workos_gate_term_check', 'workos_gate', { term: 0 }],
  ['workos_gate_failed_probes_check', 'workos_gate', { failed_probes: -1 }],

  ['workos_environment_singleton_check', 'workos_environment', { singleton: false }],
  ['workos_environment_role_ids_check', 'workos_environment', { role_ids: [] }],
  ['workos_environment_multiple_roles', 'workos_environment', { multiple_roles: true }],
];

/** Brings over the one grant that is keyed by a slug, and cuts over. */
const CUT_OVER = `UPDATE rolecall.legacy_grants SET role_id = '${ROLE}', brought_over = true; UPDATE rolecall.environment SET legacy_state = 'cut_over'`;

const wrongChanges: readonly (readonly [constraint: string, what: string, sql: string])[] = [
  [
    'organization_state_revision_rises',
    'a revision that goes down',
    `UPDATE rolecall.organization_state SET revision = revision - 1 WHERE organization_id = 'acme'`,
  ],
  [
    'organization_state_revision_rises',
    'an audit sequence that goes down',
    `UPDATE rolecall.organization_state SET audit_sequence = audit_sequence - 1 WHERE organization_id = 'acme'`,
  ],
  [
    'organization_state_stays',
    'a state that is deleted',
    `DELETE FROM rolecall.organization_state WHERE organization_id = 'other'`,
  ],
  [
    'decision_settings_stay',
    'settings of the log that are deleted',
    'DELETE FROM rolecall.decision_settings',
  ],
  ['environment_stays', 'an epoch that is deleted', 'DELETE FROM rolecall.environment'],
  [
    'assignments_of_live_membership',
    'a tombstone that keeps assignments',
    `UPDATE rolecall.memberships SET deleted_at = now() WHERE id = '${MEMBERSHIP}'`,
  ],
  [
    'assignments_of_live_membership',
    'a joining time that changes under assignments',
    `UPDATE rolecall.memberships SET joined_at = now() WHERE id = '${MEMBERSHIP}'`,
  ],
  [
    'grants_of_a_live_membership',
    'a tombstone that keeps direct grants',
    `DELETE FROM rolecall.assignments; UPDATE rolecall.memberships SET deleted_at = now() WHERE id = '${MEMBERSHIP}'`,
  ],
  [
    'assignments_of_live_role',
    'a deleted role that keeps members',
    `UPDATE rolecall.roles SET deleted_at = now() WHERE id = '${ROLE}'`,
  ],
  [
    'memberships_one_life',
    'a second life beside the first',
    `UPDATE rolecall.memberships SET user_id = 'ann' WHERE id = '${PENDING_MEMBERSHIP}'`,
  ],
  [
    'assignments_immutable',
    'an assignment that moves to another role',
    `UPDATE rolecall.assignments SET role_id = '${ROLE}'`,
  ],
  [
    'audit_events_append_only',
    'history that is rewritten',
    `UPDATE rolecall.audit_events SET actor = 'user:eve'`,
  ],
  ['audit_events_anchored_removal', 'history that is deleted', 'DELETE FROM rolecall.audit_events'],
  [
    'audit_events_anchored_removal',
    'history of a place that has no anchor',
    `DELETE FROM rolecall.audit_events WHERE organization_id = 'other'`,
  ],
  [
    'audit_events_anchored_removal',
    'history after the anchor that is deleted',
    `DELETE FROM rolecall.audit_events WHERE organization_id = 'acme' AND sequence = 2`,
  ],
  [
    'audit_anchors_hold',
    'an anchor that goes back',
    `UPDATE rolecall.audit_anchors SET sequence = 1 WHERE organization_id = 'acme'`,
  ],
  ['audit_anchors_stay', 'an anchor that is deleted', 'DELETE FROM rolecall.audit_anchors'],
  ['api_keys_stay_told', 'API keys that are emptied', 'TRUNCATE rolecall.api_keys CASCADE'],
  ['audit_anchors_stay', 'anchors that are emptied', 'TRUNCATE rolecall.audit_anchors'],
  [
    'environment_audit_retention_check',
    'a retention of nothing',
    'UPDATE rolecall.environment SET audit_retention_days = 0',
  ],
  ['audit_events_append_only', 'history that is emptied', 'TRUNCATE rolecall.audit_events'],
  [
    'environment_audit_events_append_only',
    'history of the environment that is rewritten',
    `UPDATE rolecall.environment_audit_events SET actor = 'user:eve'`,
  ],
  [
    'environment_audit_events_append_only',
    'history of the environment that is deleted',
    'DELETE FROM rolecall.environment_audit_events',
  ],
  [
    'environment_audit_events_append_only',
    'history of the environment that is emptied',
    'TRUNCATE rolecall.environment_audit_events',
  ],
  [
    'assignments_stay_counted',
    'assignments that are emptied uncounted',
    'TRUNCATE rolecall.assignments',
  ],
  [
    'memberships_stay_counted',
    'memberships that are emptied uncounted',
    'TRUNCATE rolecall.memberships CASCADE',
  ],
  ['roles_stay_counted', 'roles that are emptied uncounted', 'TRUNCATE rolecall.roles CASCADE'],
  [
    'environment_legacy_state_check',
    'a legacy state that there is not',
    `DELETE FROM rolecall.legacy_grants; ALTER TABLE rolecall.environment DISABLE TRIGGER environment_legacy_steps; UPDATE rolecall.environment SET legacy_state = 'half'`,
  ],
  [
    'environment_legacy_steps',
    'a cut-over while a grant is read by its slug',
    `UPDATE rolecall.environment SET legacy_state = 'cut_over'`,
  ],
  [
    'environment_legacy_steps',
    'a legacy state that leaves out a step',
    `DELETE FROM rolecall.legacy_grants; UPDATE rolecall.environment SET legacy_state = 'purged'`,
  ],
  [
    'environment_legacy_steps',
    'a purge that leaves something',
    `${CUT_OVER}; UPDATE rolecall.environment SET legacy_state = 'purged'`,
  ],
  [
    'environment_legacy_steps',
    'a way back once the old form is purged',
    `${CUT_OVER}; DELETE FROM rolecall.legacy_grants; UPDATE rolecall.environment SET legacy_state = 'purged'; UPDATE rolecall.environment SET legacy_state = 'dual'`,
  ],
  [
    'legacy_grants_come_in_while_dual',
    'the old form after the cut-over',
    `${CUT_OVER}; INSERT INTO rolecall.legacy_grants (organization_id, slug, scope, effect, resource_id) VALUES ('acme', 'org-reader', 'project:read', 'allow', 'p9')`,
  ],
  [
    'legacy_grants_change_while_dual',
    'the old form made to be read again after the cut-over',
    `${CUT_OVER}; UPDATE rolecall.legacy_grants SET brought_over = false`,
  ],
];

/** A bucket of the log of decisions, in a partition that the transaction makes for it. */
function loggedDecision(change: Readonly<Record<string, string>>): string {
  const row = {
    organization_id: `'acme'`,
    outcome: `'denied'`,
    key: `decode(repeat('01', 32), 'hex')`,
    day: `'2026-01-01'`,
    principal: `'user:ann'`,
    scope: `'project:read'`,
    resource_id: `'p1'`,
    dimensions: `'{}'`,
    reason: `'no_grants'`,
    count: '1',
    first_at: 'now()',
    last_at: 'now()',
    ...change,
  };
  return `SELECT rolecall.ensure_decision_day('2026-01-01'); INSERT INTO rolecall.decision_buckets
    (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`;
}

const wrongDecisions: readonly (readonly [constraint: string, change: Record<string, string>])[] = [
  ['decision_buckets_organization_id_fkey', { organization_id: `'nowhere'` }],
  ['decision_buckets_outcome_check', { outcome: `'odd'` }],
  ['decision_buckets_key_check', { key: `'x'` }],
  ['decision_buckets_principal_check', { principal: `''` }],
  ['decision_buckets_scope_check', { scope: `''` }],
  ['decision_buckets_resource_id_check', { resource_id: `''` }],
  ['decision_buckets_dimensions_check', { dimensions: `'[]'` }],
  ['decision_buckets_reason_check', { reason: `'No reason'` }],
  ['decision_buckets_count_check', { count: '0' }],
  ['decision_buckets_times', { last_at: `now() - interval '1 day'` }],
];

describe('the schema', () => {
  it.each(wrongDecisions.map(([constraint, change]) => ({ constraint, change })))(
    'refuses by $constraint a logged decision with $change',
    async ({ constraint, change }) => {
      const statements = loggedDecision(change).split('; ');
      expect(await refuserOf(...statements.map((text) => ({ text })))).toBe(constraint);
    },
  );

  it('takes a logged decision that is right, and counts the same one once', async () => {
    const right = loggedDecision({}).split('; ');
    expect(await refuserOf(...right.map((text) => ({ text })))).toBe('accepted');
    const twice = [...right, ...right].map((text) => ({ text }));
    expect(await refuserOf(...twice)).toBe('decision_buckets_20260101_pkey');
  });

  it.each(wrongRows.map(([constraint, table, change]) => ({ constraint, table, change })))(
    'refuses by $constraint a row of $table with $change',
    async ({ constraint, table, change }) => {
      expect(await refuserOf(insertion(table, change))).toBe(constraint);
    },
  );

  it.each(wrongChanges.map(([constraint, what, sql]) => ({ constraint, what, sql })))(
    'refuses by $constraint $what',
    async ({ constraint, sql }) => {
      const statements = sql.split('; ').map((text) => ({ text }));
      expect(await refuserOf(...statements)).toBe(constraint);
    },
  );

  it.each(
    (Object.keys(rightRows) as Table[]).filter(
      (table) =>
        ![
          'environment',
          'organizations',
          'organization_state',
          'workos_gate',
          'sync_settings',
          'decision_settings',
        ].includes(table),
    ),
  )('takes a row of %s that is right', async (table) => {
    expect(await refuserOf(insertion(table))).toBe('accepted');
  });

  it('takes an organization together with its state', async () => {
    const state = insertion('organization_state', { organization_id: 'third' });
    expect(await refuserOf(insertion('organizations'), state)).toBe('accepted');
  });

  it.each<[string, readonly Statement[]]>([
    ['a new life after the old one', [insertion('memberships', { user_id: 'bob' })]],
    ['the name of a deleted role', [insertion('roles', { name: 'Gone' })]],
    ['the import key of a deleted role', [insertion('roles', { import_key: 'gone' })]],
    [
      'the slug of a deleted role once it is let go',
      [
        { text: `UPDATE rolecall.roles SET slug_held = false WHERE id = '${DELETED_ROLE}'` },
        insertion('roles', { slug: 'org-gone' }),
      ],
    ],
    [
      'a tombstone once nothing hangs on it',
      [
        { text: 'DELETE FROM rolecall.assignments' },
        { text: 'DELETE FROM rolecall.grants WHERE membership_id IS NOT NULL' },
        { text: `UPDATE rolecall.memberships SET deleted_at = now() WHERE id = '${MEMBERSHIP}'` },
      ],
    ],
    ['grants of a deleted role', [insertion('grants', { role_id: DELETED_ROLE })]],
    ['names of any script', [insertion('roles', { name: '読者 Ċ читатель قارئ' })]],
    ['a resource that looks like a path', [insertion('grants', { resource_id: 'a/b:c?d=*' })]],
    ['a wildcard', [insertion('grants', { resource_id: '*' })]],
    [
      'dimensions',
      [insertion('grants', { dimensions: '{"tool": "a", "disposition": "read_only"}' })],
    ],
  ])('takes %s', async (_, statements) => {
    expect(await refuserOf(...statements)).toBe('accepted');
  });

  it('connects to one environment of WorkOS at most', async () => {
    const twice = [insertion('workos_environment'), insertion('workos_environment')];
    expect(await refuserOf(...twice)).toBe('workos_environment_pkey');
  });

  it('does not let anybody say what it derives', async () => {
    const derived: readonly (readonly [Table, Row])[] = [
      ['memberships', { live: false }],
      ['memberships', { search_text: 'x' }],
      ['roles', { live: false }],
      ['roles', { global_role_id: NOTHING }],
      ['grants', { membership_live: true }],
      ['grants', { id: 1 }],
      ['legacy_grants', { id: 1 }],
    ];
    for (const [table, change] of derived) {
      const error = await query(test.db, insertion(table, change)).catch(
        (thrown: unknown) => thrown,
      );
      expect(sqlStateOf(error)).toBe('428C9');
    }
  });

  it('has no constraint without a case that breaks it', async () => {
    const rows = await query<{ name: string }>(test.db, {
      text: `
        SELECT conname AS name FROM pg_constraint
          WHERE connamespace = 'rolecall'::regnamespace AND contype IN ('c', 'f', 'u', 'p') AND conrelid <> 0
        UNION SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
          WHERE c.relnamespace = 'rolecall'::regnamespace AND i.indisunique
        UNION SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
          JOIN pg_proc p ON p.oid = t.tgfoid
          WHERE c.relnamespace = 'rolecall'::regnamespace AND p.proname LIKE 'refuse_%'
        ORDER BY 1`,
    });
    const cases = [...wrongRows, ...wrongChanges, ...wrongDecisions];
    const broken = new Set<string>(cases.map(([constraint]) => constraint));
    broken.add('decision_buckets_pkey');
    broken.add('workos_environment_pkey');
    expect(rows.map((row) => row.name).filter((name) => !broken.has(name))).toEqual(UNBREAKABLE);
  });
});

/** Keys that another key implies, there for a foreign key to point at, or made by the database alone. */
const UNBREAKABLE = [
  'api_key_changes_pkey',
  'api_keys_organization_id_id_key',
  'audit_anchors_organization_id_fkey',
  'environment_audit_events_pkey',
  'grants_pkey',
  'legacy_grants_pkey',
  'memberships_organization_id_id_joined_at_live_key',
  'memberships_organization_id_id_live_key',
  'roles_organization_id_id_live_key',
  'sync_attempts_pkey',
  'sync_conflicts_pkey',
  'sync_entities_of_organization',
];
