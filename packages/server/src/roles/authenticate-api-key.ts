import { type Reader } from '../database/index.ts';
import { type ApiKey } from './api-key.ts';
import { hashSecret } from './api-key-secret.ts';
import { findKeyByHash } from './api-keys-store.ts';

/**
 * The key that a secret belongs to, if it is one and not revoked. One statement by hash, whatever the
 * secret looks like.
 */
export function authenticateApiKey(reader: Reader, secret: string): Promise<ApiKey | undefined> {
  return findKeyByHash(reader, hashSecret(secret));
}
