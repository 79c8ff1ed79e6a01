import { type Reader } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { type ApiKey } from '../roles/index.ts';
import { findSyncEntity, type Sync, type SyncEntityView } from '../sync/index.ts';
import { type Service } from './service.ts';

/** How far a key reaches. */
type Reach = Pick<ApiKey, 'organizationId'>;

/** What keeps WorkOS equal in this process. Throws `workos_not_connected`. */
export function requireSync({ sync }: Service): Sync {
  if (sync !== undefined) return sync;
  throw refusal('workos_not_connected', 'this process has no key of WorkOS: set `WORKOS_API_KEY`');
}

/** Refuses a key of one organization what concerns the environment as a whole. Throws `forbidden`. */
export function requireEnvironmentKey(apiKey: Reach): void {
  if (apiKey.organizationId === null) return;
  throw refusal('forbidden', 'this belongs to no organization, and the API key to one');
}

/** The entity, as far as the key reaches: one of another organization is not there. Throws `sync_entity_not_found`. */
export async function getSyncEntity(
  reader: Reader,
  entityId: string,
  apiKey: Reach,
): Promise<SyncEntityView> {
  const entity = await findSyncEntity(reader, entityId, apiKey.organizationId);
  if (entity !== undefined) return entity;
  throw refusal('sync_entity_not_found', `there is no entity \`${entityId}\``);
}
