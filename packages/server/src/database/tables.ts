import { type ColumnType, type Generated, type GeneratedAlways } from 'kysely';

/** A time: read as an ISO string in UTC with milliseconds, written as an ISO string. */
type Time = string;
type DefaultTime = Generated<Time>;

/** Anything that JSON can say. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Read parsed, written as text: the driver would take an array for a PostgreSQL array. */
type Json<Value> = ColumnType<Value, string, string>;
type DefaultJson<Value> = ColumnType<Value, string | undefined, string>;
type NullableJson = ColumnType<JsonValue | null, string | null | undefined, string | null>;

/** A column that is set once, on insert. */
type Immutable<Value> = ColumnType<Value, Value, never>;
type ImmutableDefault<Value> = ColumnType<Value, Value | undefined, never>;

export type EnforcementState = 'off' | 'shadow' | 'enforced';
export type MembershipStatus = 'pending' | 'active' | 'inactive';
export type RoleKind = 'global' | 'organization';
export type GrantEffect = 'allow' | 'deny';
export type ApiKeyScope = 'manage' | 'check';
export type LegacyState = 'unused' | 'dual' | 'cut_over' | 'purged';
export type SyncEntityKind = 'organization_role' | 'membership_roles' | 'external_id';
export type SyncState =
  'idle' | 'pending' | 'waiting' | 'parked' | 'blocked' | 'conflict' | 'quarantined' | 'planned';

/** The tables of the schema `rolecall`, as Kysely sees them. */
export interface Tables {
  readonly environment: EnvironmentTable;
  readonly organizations: OrganizationsTable;
  readonly organization_state: OrganizationStateTable;
  readonly users: UsersTable;
  readonly memberships: MembershipsTable;
  readonly global_roles: GlobalRolesTable;
  readonly roles: RolesTable;
  readonly assignments: AssignmentsTable;
  readonly api_keys: ApiKeysTable;
  readonly grants: GrantsTable;
  readonly legacy_grants: LegacyGrantsTable;
  readonly changes: ChangesTable;
  readonly audit_events: AuditEventsTable;
  readonly environment_audit_events: EnvironmentAuditEventsTable;
  readonly sync_entities: SyncEntitiesTable;
  readonly idempotency_keys: IdempotencyKeysTable;
}

export interface EnvironmentTable {
  readonly singleton: GeneratedAlways<boolean>;
  readonly epoch: Generated<string>;
  /** What announcements are proved with; never shown. */
  readonly announcement_key: Generated<string>;
  readonly audit_retention_days: number | null;
  readonly created_at: DefaultTime;
  readonly legacy_state: Generated<LegacyState>;
  /** Kept by a trigger. */
  readonly legacy_since: GeneratedAlways<Time | null>;
}

export interface OrganizationsTable {
  readonly id: Immutable<string>;
  readonly name: string;
  readonly workos_id: string | null;
  readonly created_at: DefaultTime;
  readonly updated_at: DefaultTime;
}

/** The counters are kept by triggers. */
export interface OrganizationStateTable {
  readonly organization_id: Immutable<string>;
  readonly revision: Generated<number>;
  readonly enforcement: EnforcementState;
  readonly no_admin: Generated<boolean>;
  readonly member_count: GeneratedAlways<number>;
  readonly role_count: GeneratedAlways<number>;
  readonly audit_sequence: Generated<number>;
  readonly audit_hash: Generated<Buffer>;
}

export interface UsersTable {
  readonly id: Immutable<string>;
  readonly workos_user_id: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly photo_url: string | null;
  readonly created_at: DefaultTime;
  readonly updated_at: DefaultTime;
  readonly deleted_at: Time | null;
}

export interface MembershipsTable {
  readonly organization_id: Immutable<string>;
  readonly id: ImmutableDefault<string>;
  readonly user_id: string | null;
  readonly workos_membership_id: string | null;
  readonly status: MembershipStatus;
  readonly directory_managed: Generated<boolean>;
  readonly email: string | null;
  readonly name: string | null;
  readonly photo_url: string | null;
  readonly joined_at: ImmutableDefault<Time>;
  readonly updated_at: DefaultTime;
  readonly deleted_at: Time | null;
  readonly live: GeneratedAlways<boolean>;
  readonly search_text: GeneratedAlways<string>;
}

export interface GlobalRolesTable {
  readonly id: ImmutableDefault<string>;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly created_at: DefaultTime;
  readonly updated_at: DefaultTime;
  readonly deleted_at: Time | null;
}

/** `member_count` is kept by triggers. */
export interface RolesTable {
  readonly organization_id: Immutable<string>;
  readonly id: ImmutableDefault<string>;
  readonly kind: Immutable<RoleKind>;
  readonly global_role_id: GeneratedAlways<string | null>;
  readonly slug: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly import_key: string | null;
  readonly version: Generated<number>;
  readonly member_count: GeneratedAlways<number>;
  readonly slug_held: Generated<boolean>;
  readonly created_at: ImmutableDefault<Time>;
  readonly updated_at: DefaultTime;
  readonly deleted_at: Time | null;
  readonly live: GeneratedAlways<boolean>;
}

export interface AssignmentsTable {
  readonly organization_id: Immutable<string>;
  readonly membership_id: Immutable<string>;
  readonly role_id: Immutable<string>;
  /** The membership's own. */
  readonly joined_at: Immutable<Time>;
  readonly membership_live: GeneratedAlways<boolean>;
  readonly role_live: GeneratedAlways<boolean>;
  readonly created_at: ImmutableDefault<Time>;
}

export interface ApiKeysTable {
  readonly id: ImmutableDefault<string>;
  readonly organization_id: ImmutableDefault<string | null>;
  readonly scope: Immutable<ApiKeyScope>;
  readonly name: string;
  readonly hash: Immutable<Buffer>;
  readonly hint: Immutable<string>;
  readonly created_at: ImmutableDefault<Time>;
  readonly revoked_at: Time | null;
}

export interface GrantsTable {
  readonly organization_id: Immutable<string>;
  readonly id: GeneratedAlways<number>;
  readonly role_id: ImmutableDefault<string | null>;
  readonly membership_id: ImmutableDefault<string | null>;
  readonly api_key_id: ImmutableDefault<string | null>;
  readonly membership_live: GeneratedAlways<boolean | null>;
  readonly scope: Immutable<string>;
  readonly effect: Immutable<GrantEffect>;
  readonly resource_id: Immutable<string>;
  readonly dimensions: DefaultJson<Readonly<Record<string, string>>>;
  readonly created_at: ImmutableDefault<Time>;
}

export interface LegacyGrantsTable {
  readonly organization_id: Immutable<string>;
  readonly id: GeneratedAlways<number>;
  readonly slug: Immutable<string>;
  readonly role_id: string | null;
  readonly brought_over: Generated<boolean>;
  readonly grant_id: number | null;
  readonly scope: Immutable<string>;
  readonly effect: Immutable<GrantEffect>;
  readonly resource_id: Immutable<string>;
  readonly dimensions: DefaultJson<Readonly<Record<string, string>>>;
  readonly created_at: ImmutableDefault<Time>;
}

export interface ChangesTable {
  readonly organization_id: Immutable<string>;
  readonly revision: Immutable<number>;
  /** A 64-bit transaction id, compared in SQL only. */
  readonly xid: GeneratedAlways<string>;
  readonly what: Json<JsonValue>;
  readonly created_at: ImmutableDefault<Time>;
}

export interface AuditEventsTable {
  readonly organization_id: Immutable<string>;
  readonly sequence: Immutable<number>;
  readonly occurred_at: ImmutableDefault<Time>;
  readonly revision: Immutable<number>;
  readonly actor: Immutable<string>;
  readonly action: Immutable<string>;
  readonly subject: Immutable<string>;
  readonly before: NullableJson;
  readonly after: NullableJson;
  readonly request_id: ImmutableDefault<string | null>;
  readonly cause: ImmutableDefault<string | null>;
  readonly hash: Immutable<Buffer>;
}

export interface EnvironmentAuditEventsTable {
  readonly sequence: GeneratedAlways<number>;
  readonly occurred_at: ImmutableDefault<Time>;
  readonly actor: Immutable<string>;
  readonly action: Immutable<string>;
  readonly subject: Immutable<string>;
  readonly before: NullableJson;
  readonly after: NullableJson;
  readonly request_id: ImmutableDefault<string | null>;
  readonly cause: ImmutableDefault<string | null>;
}

export interface SyncEntitiesTable {
  readonly organization_id: Immutable<string>;
  readonly id: GeneratedAlways<string>;
  readonly kind: Immutable<SyncEntityKind>;
  readonly subject_id: Immutable<string>;
  readonly local_version: number;
  readonly pushed_version: Generated<number>;
  readonly priority: number;
  readonly changed_at: DefaultTime;
  readonly state: Generated<SyncState>;
  readonly reason: string | null;
  readonly base: NullableJson;
  readonly linking: Generated<boolean>;
  readonly failures: Generated<number>;
  readonly next_attempt_at: Generated<Time | null>;
  readonly observed_at: Time | null;
  readonly settled_at: Time | null;
}

/** The times are the database's own: what is too old is judged by its clock. */
export interface IdempotencyKeysTable {
  readonly api_key_id: Immutable<string>;
  readonly fingerprint: Immutable<Buffer>;
  readonly request_hash: Immutable<Buffer>;
  readonly response: NullableJson;
  readonly created_at: ImmutableDefault<Time>;
}
