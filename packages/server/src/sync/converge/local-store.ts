import { type MembershipStatus, query, type Reader } from '../../database/index.ts';
import { slugSet } from '../decide/index.ts';

/** A role here, as far as WorkOS is concerned. */
export interface LocalRole {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly live: boolean;
  readonly slugHeld: boolean;
  /** A membership that has a change pending holds it. */
  readonly named: boolean;
}

const ROLE = `r.id, r.slug, r.name, r.description, r.live, r.slug_held AS "slugHeld", EXISTS (
    SELECT FROM rolecall.assignments a JOIN rolecall.sync_entities e
      ON e.organization_id = a.organization_id AND e.kind = 'membership_roles'
        AND e.subject_id = a.membership_id::text AND e.pushed_version < e.local_version
      WHERE a.organization_id = r.organization_id AND a.role_id = r.id) AS named`;

/** An organization's own role by its id, tombstones included. */
export async function findLocalRole(
  reader: Reader,
  organizationId: string,
  roleId: string,
): Promise<LocalRole | undefined> {
  const [row] = await query<LocalRole>(reader, {
    name: 'sync_find_local_role',
    text: `SELECT ${ROLE} FROM rolecall.roles r
      WHERE r.organization_id = $1 AND r.id = $2::uuid AND r.kind = 'organization'`,
    values: [organizationId, roleId],
  });
  return row;
}

/** The role that holds a slug here, a tombstone that still holds it included. */
export async function findRoleOfSlug(
  reader: Reader,
  organizationId: string,
  slug: string,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_role_of_slug',
    text: `SELECT id FROM rolecall.roles WHERE organization_id = $1 AND slug = $2 AND slug_held`,
    values: [organizationId, slug],
  });
  return row?.id;
}

/** Roles by slug: which this organization has, and which of them are known to exist in WorkOS. */
export interface RoleDirectory {
  readonly idOf: ReadonlyMap<string, string>;
  readonly available: ReadonlySet<string>;
}

/** Every role that can be held here. Where two share a slug, the organization's own shadows the environment's. */
export async function readRoleDirectory(
  reader: Reader,
  organizationId: string,
): Promise<RoleDirectory> {
  const rows = await query<{
    readonly id: string;
    readonly slug: string;
    readonly available: boolean;
  }>(reader, {
    name: 'sync_read_roles',
    text: `SELECT r.id, coalesce(g.slug, r.slug) AS slug,
          r.kind = 'global' OR e.base IS NOT NULL AS available
        FROM rolecall.roles r
        LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
        LEFT JOIN rolecall.sync_entities e ON e.organization_id = r.organization_id
          AND e.kind = 'organization_role' AND e.subject_id = r.id::text
        WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL
        ORDER BY r.kind`,
    values: [organizationId],
  });
  return {
    idOf: new Map(rows.map((row) => [row.slug, row.id])),
    available: new Set(rows.filter((row) => row.available).map((row) => row.slug)),
  };
}

/** A membership here, as far as WorkOS is concerned. */
export interface LocalMembership {
  readonly id: string;
  readonly live: boolean;
  readonly userId: string | null;
  readonly workosUserId: string | null;
  /** Whether the person is no more, which only WorkOS says. */
  readonly personEnded: boolean;
  readonly workosMembershipId: string | null;
  readonly status: MembershipStatus;
  readonly directoryManaged: boolean;
  readonly email: string | null;
  readonly name: string | null;
  readonly photoUrl: string | null;
  /** Slugs, sorted. */
  readonly roles: readonly string[];
  /** Which roles these are; of one slug there may be two, the environment's and the organization's own. */
  readonly held: readonly HeldRole[];
}

export interface HeldRole {
  readonly id: string;
  readonly slug: string;
}

/** A membership by its id, tombstones included. */
export async function findLocalMembership(
  reader: Reader,
  organizationId: string,
  membershipId: string,
): Promise<LocalMembership | undefined> {
  const [row] = await query<Omit<LocalMembership, 'roles'>>(reader, {
    name: 'sync_find_local_membership',
    text: `SELECT m.id, m.live, m.user_id AS "userId", u.workos_user_id AS "workosUserId",
          u.deleted_at IS NOT NULL AS "personEnded", m.workos_membership_id AS "workosMembershipId", m.status,
          m.directory_managed AS "directoryManaged", m.email, m.name, m.photo_url AS "photoUrl",
          (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'slug', coalesce(g.slug, r.slug))), '[]')
            FROM rolecall.assignments a
            JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
            LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
            WHERE a.organization_id = m.organization_id AND a.membership_id = m.id
              AND g.deleted_at IS NULL) AS held
        FROM rolecall.memberships m LEFT JOIN rolecall.users u ON u.id = m.user_id
        WHERE m.organization_id = $1 AND m.id = $2::uuid`,
    values: [organizationId, membershipId],
  });
  return row && { ...row, roles: slugSet(row.held.map(({ slug }) => slug)) };
}

/** The live membership with this remote id, or else the live one of this WorkOS user. */
export async function findMembershipOf(
  reader: Reader,
  organizationId: string,
  remote: { readonly remoteId: string; readonly workosUserId: string | null },
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_membership_of',
    text: `SELECT id FROM (
        SELECT 1 AS rank, id FROM rolecall.memberships
          WHERE organization_id = $1 AND workos_membership_id = $2 AND deleted_at IS NULL
        UNION ALL SELECT 2, m.id FROM rolecall.users u JOIN rolecall.memberships m ON m.user_id = u.id
          WHERE u.workos_user_id = $3 AND m.organization_id = $1 AND m.deleted_at IS NULL) found
      ORDER BY rank LIMIT 1`,
    values: [organizationId, remote.remoteId, remote.workosUserId],
  });
  return row?.id;
}

/**
 * The user of the only live, unlinked membership with this address, when that user has no counterpart. Only a
 * verified address may be asked for: whoever could claim any address would inherit its roles.
 */
export async function findUserToLink(
  reader: Reader,
  organizationId: string,
  verifiedEmail: string,
): Promise<string | undefined> {
  const rows = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_user_to_link',
    text: `SELECT u.id FROM rolecall.memberships m JOIN rolecall.users u ON u.id = m.user_id
      WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.workos_membership_id IS NULL
        AND u.workos_user_id IS NULL AND u.deleted_at IS NULL AND lower(m.email) = lower($2) LIMIT 2`,
    values: [organizationId, verifiedEmail],
  });
  return rows.length === 1 ? rows[0]?.id : undefined;
}

/** The WorkOS id of a user who is known there and not deleted here. */
export async function findWorkosUserId(
  reader: Reader,
  userId: string,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_workos_user_id',
    text: `SELECT workos_user_id AS id FROM rolecall.users
      WHERE id = $1 AND workos_user_id IS NOT NULL AND deleted_at IS NULL`,
    values: [userId],
  });
  return row?.id;
}
