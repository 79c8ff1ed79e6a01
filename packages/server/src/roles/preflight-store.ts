import { query, type Reader } from '../database/index.ts';
import { identifierProblem } from '../identity/index.ts';
import { findSyncTroubles, type SyncTroubles } from '../outbox/index.ts';
import { findUnmapped } from './legacy/index.ts';

/** What enforcement rests on. */
export interface PreflightFacts {
  readonly adminRole: boolean;
  readonly memberRole: boolean;
  /** An active member with a known user holds `admin`; where the organization is linked, WorkOS knows them too. */
  readonly usableAdmin: boolean;
  /** A live member, by user or e-mail, who holds no role; null when everybody holds one. */
  readonly memberWithoutRole: string | null;
  /** Slugs by which grants are keyed and that name no role, a few of them. */
  readonly unmappedSlugs: readonly string[];
  /** Undefined where the organization is not linked to WorkOS. */
  readonly sync: SyncTroubles | undefined;
}

/** So many slugs are named; whoever wants all asks `legacy status`. */
const NAMED_SLUGS = 5;

/** The facts of one organization, asked all at once; nothing when there is no such organization. */
export async function findPreflightFacts(
  reader: Reader,
  organizationId: string,
): Promise<PreflightFacts | undefined> {
  if (identifierProblem(organizationId) !== undefined) return undefined;
  const [admins, memberWithoutRole, unmapped, sync] = await Promise.all([
    findAdmins(reader, organizationId),
    findMemberWithoutRole(reader, organizationId),
    findUnmapped(reader, { organizationId, limit: NAMED_SLUGS }),
    findSyncTroubles(reader, organizationId),
  ]);
  return (
    admins && {
      adminRole: admins.admin_role,
      memberRole: admins.member_role,
      usableAdmin: admins.usable_admin,
      memberWithoutRole,
      unmappedSlugs: unmapped.map(({ slug }) => slug),
      sync,
    }
  );
}

interface AdminsRow {
  readonly admin_role: boolean;
  readonly member_role: boolean;
  readonly usable_admin: boolean;
}

// Prepared: planning its joins costs ten times what running them does.
async function findAdmins(reader: Reader, organizationId: string): Promise<AdminsRow | undefined> {
  const [row] = await query<AdminsRow>(reader, {
    name: 'find_preflight_admins',
    text: `SELECT rolecall.system_role_id(o.id, 'admin') IS NOT NULL AS admin_role,
        rolecall.system_role_id(o.id, 'member') IS NOT NULL AS member_role,
        EXISTS (SELECT FROM rolecall.usable_admins a
          JOIN rolecall.memberships m
            ON m.organization_id = a.organization_id AND m.id = a.membership_id
          WHERE a.organization_id = o.id
            AND (o.workos_id IS NULL OR m.workos_membership_id IS NOT NULL)) AS usable_admin
      FROM rolecall.organizations o WHERE o.id = $1`,
    values: [organizationId],
  });
  return row;
}

// Planned for the organization it is about: among a million members, another plan is right than among ten.
async function findMemberWithoutRole(
  reader: Reader,
  organizationId: string,
): Promise<string | null> {
  const [row] = await query<{ readonly who: string }>(reader, {
    text: `SELECT coalesce(m.user_id, m.email, m.id::text) AS who FROM rolecall.memberships m
        WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND NOT EXISTS (
          SELECT FROM rolecall.assignments a
            WHERE a.organization_id = $1 AND a.membership_id = m.id)
        LIMIT 1`,
    values: [organizationId],
  });
  return row?.who ?? null;
}
