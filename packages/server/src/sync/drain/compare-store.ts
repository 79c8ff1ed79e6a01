import { type JsonValue, query, type Reader } from '../../database/index.ts';
import { type RemoteMembership, type RemoteRole } from '../../workos/index.ts';
import {
  type MembershipBase,
  sameFields,
  sameSet,
  type SeenRole,
  slugSet,
} from '../decide/index.ts';

/** How one thing of a listing compares with what is here. */
export type Comparison =
  /** Both sides and their base agree. */
  | 'equal'
  /** A change is pending here, and will be sent by itself. */
  | 'pending'
  /** It differs, or was never compared. */
  | 'differs';

interface KnownRole {
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly base: JsonValue | null;
  readonly pending: boolean;
  readonly settled: boolean;
}

/** Compares the organization's own roles of a listing with those here, without any call. */
export async function compareRoles(
  reader: Reader,
  organizationId: string,
  roles: readonly RemoteRole[],
): Promise<ReadonlyMap<string, Comparison>> {
  const rows = await query<KnownRole>(reader, {
    name: 'sync_compare_roles',
    text: `SELECT r.slug, r.name, r.description, e.base,
          e.pushed_version < e.local_version AND NOT e.linking AS pending,
          r.live AND e.state = 'idle' AS settled
        FROM rolecall.roles r JOIN rolecall.sync_entities e ON e.organization_id = r.organization_id
          AND e.kind = 'organization_role' AND e.subject_id = r.id::text
        WHERE r.organization_id = $1 AND r.slug = ANY ($2) AND r.slug_held`,
    values: [organizationId, roles.map(({ slug }) => slug)],
  });
  const known = new Map(rows.map((row) => [row.slug, row]));
  return new Map(roles.map((role) => [role.slug, compareRole(known.get(role.slug), role)]));
}

function compareRole(known: KnownRole | undefined, remote: RemoteRole): Comparison {
  if (known === undefined) return 'differs';
  if (known.pending) return 'pending';
  const base = known.base as unknown as SeenRole | null;
  const equal =
    known.settled &&
    base?.remoteId === remote.remoteId &&
    sameFields(base.fields, remote) &&
    sameFields(known, remote);
  return equal ? 'equal' : 'differs';
}

interface KnownMembership {
  readonly remoteId: string;
  readonly status: string;
  readonly directoryManaged: boolean;
  readonly email: string | null;
  readonly base: JsonValue | null;
  readonly pending: boolean;
  readonly settled: boolean;
  readonly roles: readonly string[];
}

/** Compares a page of memberships with those here, without any call. */
export async function compareMemberships(
  reader: Reader,
  organizationId: string,
  memberships: readonly RemoteMembership[],
): Promise<ReadonlyMap<string, Comparison>> {
  // Each id of the page is looked up by itself: given a list to match, PostgreSQL takes the organization for one of
  // the usual size and reads an index of all its members for each page.
  const rows = await query<KnownMembership>(reader, {
    name: 'sync_compare_memberships',
    text: `SELECT m.workos_membership_id AS "remoteId", m.status,
          m.directory_managed AS "directoryManaged", m.email, e.base,
          e.pushed_version < e.local_version AND NOT e.linking AS pending, e.state = 'idle' AS settled,
          ARRAY(SELECT DISTINCT coalesce(g.slug, r.slug) FROM rolecall.assignments a
            JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
            LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
            WHERE a.organization_id = m.organization_id AND a.membership_id = m.id
              AND g.deleted_at IS NULL) AS roles
        FROM unnest($2::text[]) AS page (remote_id)
          JOIN rolecall.memberships m ON m.organization_id = $1
            AND m.workos_membership_id = page.remote_id AND m.deleted_at IS NULL
          JOIN rolecall.sync_entities e ON e.organization_id = m.organization_id
            AND e.kind = 'membership_roles' AND e.subject_id = m.id::text`,
    values: [organizationId, memberships.map(({ remoteId }) => remoteId)],
  });
  const known = new Map(rows.map((row) => [row.remoteId, row]));
  return new Map(
    memberships.map((one) => [one.remoteId, compareMembership(known.get(one.remoteId), one)]),
  );
}

function compareMembership(
  known: KnownMembership | undefined,
  remote: RemoteMembership,
): Comparison {
  // INVARIANT (missed status): what WorkOS owns is compared whatever is pending. Only the roles are sent by
  // themselves, and not even they are while the member is suspended or somebody has to decide.
  if (known === undefined || !sameFacts(known, remote)) return 'differs';
  if (known.pending) return 'pending';
  const base = known.base as unknown as MembershipBase | null;
  if (!known.settled || base?.remoteId !== remote.remoteId) return 'differs';
  return sameRoles(known, base, remote) ? 'equal' : 'differs';
}

function sameFacts(known: KnownMembership, remote: RemoteMembership): boolean {
  return (
    known.status === remote.status &&
    known.directoryManaged === remote.directoryManaged &&
    (remote.user === null || remote.user.email === known.email)
  );
}

function sameRoles(
  known: KnownMembership,
  { roles: base, suspendedRoles }: MembershipBase,
  remote: RemoteMembership,
): boolean {
  // A suspended member's roles are nobody's drift.
  if (remote.status === 'inactive') return suspendedRoles !== null;
  const roles = slugSet(remote.roleSlugs);
  return (
    suspendedRoles === null &&
    remote.rolesListed &&
    sameSet(roles, base) &&
    sameSet(roles, known.roles)
  );
}

/** Roles of the environment that this organization lacks or knows by another name. */
export async function differingEnvironmentRoles(
  reader: Reader,
  organizationId: string,
  roles: readonly RemoteRole[],
): Promise<readonly RemoteRole[]> {
  const rows = await query<{ readonly slug: string }>(reader, {
    name: 'sync_differing_environment_roles',
    text: `SELECT w.slug FROM jsonb_to_recordset($2::jsonb) AS w (slug text, name text, description text)
      WHERE NOT EXISTS (SELECT FROM rolecall.global_roles g
        JOIN rolecall.roles r ON r.organization_id = $1 AND r.global_role_id = g.id
        WHERE g.slug = w.slug AND g.deleted_at IS NULL AND (g.slug IN ('admin', 'member')
          OR (g.name, g.description) IS NOT DISTINCT FROM (w.name, w.description)))`,
    values: [
      organizationId,
      JSON.stringify(roles.map(({ slug, name, description }) => ({ slug, name, description }))),
    ],
  });
  const differing = new Set(rows.map((row) => row.slug));
  return roles.filter(({ slug }) => differing.has(slug));
}
