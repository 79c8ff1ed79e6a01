import { type Tx } from '../database/index.ts';
import { lockOrganization } from '../identity/index.ts';
import { type ApiKey, apiKeyShape } from './api-key.ts';
import { apiKeyNotFound } from './api-key-refusals.ts';
import { findKey, revokeKey } from './api-keys-store.ts';
import { type CommandContext } from './command.ts';
import { deleteGrantsOf } from './direct-grants-store.ts';
import { type KeyCommitted, recordKey } from './record-api-key.ts';
import { isUuid } from './role-refusals.ts';

/**
 * Revokes an API key: the next request with it is refused, and its direct grants are gone. Revoking it again
 * changes nothing. A caller of one organization names it, and reaches only its keys. Throws `api_key_not_found`.
 */
export async function revokeApiKey(
  tx: Tx,
  args: { readonly apiKeyId: string; readonly organizationId?: string | undefined },
  context: CommandContext,
): Promise<KeyCommitted<ApiKey>> {
  const key = await requireKey(tx, args);
  const lock = key.organizationId === null ? null : await lockOrganization(tx, key.organizationId);
  const revoked = await revokeKey(tx, key.id);
  if (lock !== null) await deleteGrantsOf(tx, lock, { column: 'api_key_id', id: key.id });
  await recordKey(
    tx,
    lock,
    context,
    revoked && {
      action: 'api_key.revoked',
      subject: `api_key:${key.id}`,
      before: apiKeyShape(key),
      after: apiKeyShape(revoked),
    },
  );
  const value = revoked ?? (await requireKey(tx, args));
  return { value, revision: lock?.revision ?? null, epoch: lock?.epoch ?? null };
}

async function requireKey(
  tx: Tx,
  { apiKeyId, organizationId }: Parameters<typeof revokeApiKey>[1],
): Promise<ApiKey> {
  const key = isUuid(apiKeyId) ? await findKey(tx, apiKeyId) : undefined;
  if (key === undefined) throw apiKeyNotFound(apiKeyId);
  if (organizationId !== undefined && key.organizationId !== organizationId) {
    throw apiKeyNotFound(apiKeyId);
  }
  return key;
}
