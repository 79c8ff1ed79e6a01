import { type Membership } from '@rolecall/policy';
import { query, type Reader, type Statement } from '../database/index.ts';
import { type ChangeRow } from './freshness/index.ts';
import { MEMBERSHIP, STANDING } from './load-store.ts';
import { DUAL, fewGrantLines, type GrantBlock, readLoad, roleBlock } from './load-text.ts';
import { type KeyedRead, readByKeys, type RoleKeys } from './role-keys.ts';

/** What a principal holds, without the grants of its roles. */
export interface LoadedMember {
  readonly revision: number;
  readonly membership: Membership;
  readonly roleIds: readonly string[];
  readonly direct: GrantBlock;
}

const MEMBER: Statement = {
  name: 'access_load_member',
  text: `SELECT s.revision || ' ' || ${STANDING} || ' ' || array_to_string(ARRAY(
        SELECT a.role_id FROM rolecall.assignments a
          WHERE a.organization_id = $1 AND a.membership_id = m.id), ' ')
      || E'\\x1e' || ${fewGrantLines('g.membership_id = m.id')} AS load
    FROM rolecall.organization_state s ${MEMBERSHIP} WHERE s.organization_id = $1`,
};

/** What a user holds in an organization whose roles are known. Undefined for an unknown organization. */
export async function loadMember(
  reader: Reader,
  organizationId: string,
  userId: string,
): Promise<LoadedMember | undefined> {
  const values = [organizationId, userId];
  const [row] = await query<{ readonly load: string }>(reader, { ...MEMBER, values });
  if (row === undefined) return undefined;
  const { head, direct } = readLoad(row.load);
  const [revision, membership, ...roleIds] = head;
  return {
    revision: Number(revision),
    membership: membership as Membership,
    roleIds: roleIds.filter((id) => id !== ''),
    direct: { principal: `user:${userId}`, lines: direct },
  };
}

/** The grants of roles, and the revision of which they are. */
export interface LoadedRoles extends KeyedRead {
  readonly revision: number;
  /** By id; a role that is deleted, here or for everybody, has none. */
  readonly blocks: ReadonlyMap<string, GrantBlock>;
}

const rolesBy = (keys: RoleKeys): Statement => ({
  name: `access_load_roles_by_${keys}`,
  text: `SELECT s.revision || ' ' || ${DUAL} || E'\\x1e' || array_to_string(ARRAY(
      SELECT ${roleBlock('h.id', keys)}
        FROM rolecall.roles h LEFT JOIN rolecall.global_roles r ON r.id = h.id
        WHERE h.organization_id = $1 AND h.id = ANY ($2::uuid[])
          AND h.deleted_at IS NULL AND r.deleted_at IS NULL), '') AS load
    FROM rolecall.organization_state s CROSS JOIN rolecall.environment e WHERE s.organization_id = $1`,
});

const ROLES = { id: rolesBy('id'), both: rolesBy('both') } as const;

/** The grants of some roles. Undefined for an unknown organization. */
export async function loadRoles(
  reader: Reader,
  organizationId: string,
  roleIds: readonly string[],
): Promise<LoadedRoles | undefined> {
  const values = [organizationId, roleIds];
  return readByKeys(reader, async (keys) => {
    const [row] = await query<{ readonly load: string }>(reader, { ...ROLES[keys], values });
    if (row === undefined) return undefined;
    const { head, roles } = readLoad(row.load);
    const blocks = new Map(roles.map((block) => [roleIdOf(block.principal), block]));
    return { revision: Number(head[0]), dual: head[1] === 'dual', blocks };
  });
}

/** The id in `role:global:<id>` or `role:organization:<id>`. */
export function roleIdOf(principal: string): string {
  return principal.slice(principal.lastIndexOf(':') + 1);
}

/** What an organization has become since a revision. */
export interface Since {
  readonly revision: number;
  readonly epoch: string;
  /** In the order of their revisions; one may be absent when its row was deleted. */
  readonly changes: readonly ChangeRow[];
}

const SINCE: Statement = {
  name: 'access_changes_since',
  text: `SELECT s.revision AS current, e.epoch, c.revision, c.what
    FROM rolecall.organization_state s CROSS JOIN rolecall.environment e
    LEFT JOIN rolecall.changes c ON c.organization_id = $1 AND c.revision > $2
    WHERE s.organization_id = $1 ORDER BY c.revision`,
};

/** What changed in an organization since a revision. Undefined for an unknown organization. */
export async function readChangesSince(
  reader: Reader,
  organizationId: string,
  since: number,
): Promise<Since | undefined> {
  const rows = await query<{
    readonly current: number;
    readonly epoch: string;
    readonly revision: number | null;
    readonly what: unknown;
  }>(reader, { ...SINCE, values: [organizationId, since] });
  const [first] = rows;
  if (first === undefined) return undefined;
  const changes: ChangeRow[] = [];
  for (const { revision, what } of rows) {
    if (revision !== null) changes.push({ organizationId, revision, what });
  }
  return { revision: first.current, epoch: first.epoch, changes };
}

/** The statements, for the tests of their plans. */
export const warmStatements = {
  member: MEMBER,
  roles: ROLES.id,
  rolesByBothKeys: ROLES.both,
  since: SINCE,
} as const;
