import { type ApiKeyScope, query, type Reader, type Tx } from '../database/index.ts';
import { COUNTED_TO } from '../paging/index.ts';
import { type ApiKey, type NewApiKey } from './api-key.ts';
import { type KeyMaterial } from './api-key-secret.ts';

interface ApiKeyRow {
  readonly id: string;
  readonly organization_id: string | null;
  readonly scope: ApiKeyScope;
  readonly name: string;
  readonly hint: string;
  readonly created_at: string;
  readonly revoked_at: string | null;
}

const COLUMNS = 'k.id, k.organization_id, k.scope, k.name, k.hint, k.created_at, k.revoked_at';

/** The key with this hash that is not revoked, if there is one. */
export async function findKeyByHash(reader: Reader, hash: Buffer): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(reader, {
    name: 'find_key_by_hash',
    text: `SELECT ${COLUMNS} FROM rolecall.api_keys k WHERE k.hash = $1 AND k.revoked_at IS NULL`,
    values: [hash],
  });
  return row && toApiKey(row);
}

/** A key by its id, revoked or not. */
export async function findKey(reader: Reader, id: string): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(reader, {
    text: `SELECT ${COLUMNS} FROM rolecall.api_keys k WHERE k.id = $1`,
    values: [id],
  });
  return row && toApiKey(row);
}

/** A key of one organization that is not revoked. */
export async function findKeyOfOrganization(
  reader: Reader,
  organizationId: string,
  id: string,
): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(reader, {
    text: `SELECT ${COLUMNS} FROM rolecall.api_keys k
      WHERE k.organization_id = $1 AND k.id = $2 AND k.revoked_at IS NULL`,
    values: [organizationId, id],
    harmless: true,
  });
  return row && toApiKey(row);
}

/** Keeps a key; nothing when one with the same secret is there, revoked or not. */
export async function insertKey(tx: Tx, key: NewApiKey & KeyMaterial): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(tx, {
    text: `INSERT INTO rolecall.api_keys AS k (organization_id, scope, name, hash, hint)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING RETURNING ${COLUMNS}`,
    values: [key.organizationId ?? null, key.scope, key.name, key.hash, key.hint],
  });
  return row && toApiKey(row);
}

/** The key with this hash, revoked or not. */
export async function findAnyKeyByHash(reader: Reader, hash: Buffer): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(reader, {
    text: `SELECT ${COLUMNS} FROM rolecall.api_keys k WHERE k.hash = $1`,
    values: [hash],
  });
  return row && toApiKey(row);
}

/** Revokes a key; nothing when it is revoked already. */
export async function revokeKey(tx: Tx, id: string): Promise<ApiKey | undefined> {
  const [row] = await query<ApiKeyRow>(tx, {
    text: `UPDATE rolecall.api_keys k SET revoked_at = now()
      WHERE k.id = $1 AND k.revoked_at IS NULL RETURNING ${COLUMNS}`,
    values: [id],
  });
  return row && toApiKey(row);
}

/** Keys by age after a place in that order, at most `count`; all of them, or those of one organization. */
export async function pageKeys(
  reader: Reader,
  { organizationId, after, count }: KeysPage,
): Promise<readonly ApiKey[]> {
  const rows = await query<ApiKeyRow>(reader, {
    text: `SELECT ${COLUMNS} FROM rolecall.api_keys k
      WHERE (k.created_at, k.id) > ($1::timestamptz, $2::uuid)
        ${organizationId === undefined ? '' : 'AND k.organization_id = $4'}
      ORDER BY k.created_at, k.id LIMIT $3`,
    values: [...after, count, ...(organizationId === undefined ? [] : [organizationId])],
  });
  return rows.map(toApiKey);
}

interface KeysPage {
  readonly organizationId: string | undefined;
  readonly after: readonly [createdAt: string, id: string];
  readonly count: number;
}

/** How many keys there are; counting stops one after the limit of exact totals. */
export async function countKeys(
  reader: Reader,
  organizationId: string | undefined,
): Promise<number> {
  const [row] = await query<{ readonly total: number }>(reader, {
    text: `SELECT count(*) AS total FROM (SELECT 1 FROM rolecall.api_keys k
      ${organizationId === undefined ? '' : 'WHERE k.organization_id = $2'} LIMIT $1) counted`,
    values: [COUNTED_TO + 1, ...(organizationId === undefined ? [] : [organizationId])],
  });
  return row?.total ?? 0;
}

function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    scope: row.scope,
    name: row.name,
    hint: row.hint,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  };
}
