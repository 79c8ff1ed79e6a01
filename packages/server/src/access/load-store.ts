import { type Enforcement, type Membership } from '@rolecall/policy';
import { query, type Reader, type Statement } from '../database/index.ts';
import {
  DUAL,
  fewGrantLines,
  type GrantBlock,
  loadText,
  readLoad,
  roleBlock,
  roleGrantLines,
} from './load-text.ts';
import { type KeyedRead, readByKeys, type RoleKeys } from './role-keys.ts';

/** Everything that decides about one principal, from one snapshot. */
export interface LoadedPrincipal {
  readonly revision: number;
  readonly epoch: string;
  readonly enforcement: Enforcement;
  readonly membership: Membership;
  readonly direct: GrantBlock;
  readonly roles: readonly GrantBlock[];
}

const STATE = `s.revision || ' ' || s.enforcement || ' ' || e.epoch || ' ' || ${DUAL} || ' '`;
const FROM_STATE = `FROM rolecall.organization_state s CROSS JOIN rolecall.environment e`;

/** SQL: the user's life in the organization that counts: the live one, else the latest. */
export const MEMBERSHIP = `LEFT JOIN LATERAL (
    SELECT id, status, deleted_at FROM rolecall.memberships
      WHERE organization_id = $1 AND user_id = $2
      ORDER BY deleted_at DESC NULLS FIRST LIMIT 1) m ON true`;

/** SQL: the standing; a deleted user is denied at once, before the deletion has passed through every organization. */
export const STANDING = `CASE
    WHEN m.deleted_at IS NOT NULL
      OR EXISTS (SELECT FROM rolecall.users u WHERE u.id = $2 AND u.deleted_at IS NOT NULL) THEN 'deleted'
    WHEN m.id IS NULL THEN 'none'
    ELSE m.status END`;

/** A role deleted for everybody grants nothing, also before every organization has let go of it. */
const rolesHeld = (keys: RoleKeys): string => `ARRAY(
    SELECT ${roleBlock('a.role_id', keys)}
      FROM rolecall.assignments a LEFT JOIN rolecall.global_roles r ON r.id = a.role_id
      WHERE a.organization_id = $1 AND a.membership_id = m.id AND r.deleted_at IS NULL)`;

const user = (keys: RoleKeys): Statement => ({
  name: `access_load_user_by_${keys}`,
  text: `SELECT ${loadText(STATE + ' || ' + STANDING, fewGrantLines('g.membership_id = m.id'), rolesHeld(keys))}
      AS load ${FROM_STATE} ${MEMBERSHIP} WHERE s.organization_id = $1`,
});

const API_KEY: Statement = {
  name: 'access_load_api_key',
  text: `SELECT ${STATE} || CASE WHEN k.id IS NULL THEN 'deleted' ELSE 'exempt' END
      || E'\\x1e' || ${fewGrantLines('g.api_key_id = k.id')} AS load
    ${FROM_STATE} LEFT JOIN rolecall.api_keys k
      ON k.organization_id = $1 AND k.id = $2::uuid AND k.revoked_at IS NULL
    WHERE s.organization_id = $1`,
};

const role = (keys: RoleKeys): Statement => ({
  name: `access_load_role_by_${keys}`,
  text: `SELECT ${STATE} || CASE WHEN h.id IS NULL THEN 'none' ELSE 'exempt' END
      || E'\\x1e' || ${roleGrantLines('h.id', keys)} AS load
    ${FROM_STATE} LEFT JOIN rolecall.roles h
      ON h.organization_id = $1 AND h.id = $2::uuid AND h.kind = $3 AND h.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM rolecall.global_roles r WHERE r.id = h.id AND r.deleted_at IS NOT NULL)
    WHERE s.organization_id = $1`,
});

const USER = { id: user('id'), both: user('both') } as const;
const ROLE = { id: role('id'), both: role('both') } as const;

/** The statements, for the tests of their plans. */
export const loadStatements = {
  user: USER.id,
  userByBothKeys: USER.both,
  apiKey: API_KEY,
  role: ROLE.id,
  roleByBothKeys: ROLE.both,
} as const;

/** A user's membership, roles, grants. Undefined for an unknown organization. */
export async function loadUser(
  reader: Reader,
  organizationId: string,
  userId: string,
): Promise<LoadedPrincipal | undefined> {
  const values = [organizationId, userId];
  return readByKeys(reader, (keys) => load(reader, { ...USER[keys], values }, `user:${userId}`));
}

/**
 * An API key's grants. A key that is revoked, or not of this organization, has the membership `deleted`:
 * no enforcement waives that. Undefined for an unknown organization.
 */
export async function loadApiKey(
  reader: Reader,
  organizationId: string,
  keyId: string,
): Promise<LoadedPrincipal | undefined> {
  const id = UUID.test(keyId) ? keyId : null;
  return load(reader, { ...API_KEY, values: [organizationId, id] }, `api_key:${keyId}`);
}

/** A role's grants; the membership `none` says that there is no such role. Undefined for an unknown organization. */
export async function loadRole(
  reader: Reader,
  organizationId: string,
  role: { readonly kind: 'global' | 'organization'; readonly id: string },
): Promise<LoadedPrincipal | undefined> {
  const values = [organizationId, role.id, role.kind];
  const principal = `role:${role.kind}:${role.id}`;
  return readByKeys(reader, (keys) => load(reader, { ...ROLE[keys], values }, principal));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function load(
  reader: Reader,
  statement: Statement,
  principal: string,
): Promise<(LoadedPrincipal & KeyedRead) | undefined> {
  const [row] = await query<{ readonly load: string }>(reader, statement);
  if (row === undefined) return undefined;
  const { head, direct, roles } = readLoad(row.load);
  const [revision, enforcement, epoch = '', dual, membership] = head;
  return {
    revision: Number(revision),
    epoch,
    dual: dual === 'dual',
    enforcement: enforcement as Enforcement,
    membership: membership as Membership,
    direct: { principal, lines: direct },
    roles,
  };
}
