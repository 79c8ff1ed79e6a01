import { type Tx } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { refuseProblems } from '../identity/index.ts';
import { type ApiKey, apiKeyShape } from './api-key.ts';
import { keyMaterial } from './api-key-secret.ts';
import { findAnyKeyByHash, insertKey } from './api-keys-store.ts';
import { type CommandContext } from './command.ts';
import { readKeyName } from './create-api-key.ts';
import { recordKey } from './record-api-key.ts';

/** A secret that its owner has chosen, and what to call its key. */
export interface ChosenKey {
  readonly key: string;
  readonly name: string;
}

const MIN_SECRET_CHARACTERS = 20;

/**
 * Makes sure that a `manage` key of the whole environment with this secret is there. One that was revoked
 * stays revoked, and one that belongs to an organization stays there: look at the key that is returned.
 * Throws `invalid_request` for a secret that is too short to be one.
 */
export async function ensureApiKey(
  tx: Tx,
  { key, name }: ChosenKey,
  context: CommandContext,
): Promise<{ readonly apiKey: ApiKey; readonly created: boolean }> {
  refuseProblems({
    key:
      key.length < MIN_SECRET_CHARACTERS
        ? `must have at least ${MIN_SECRET_CHARACTERS} characters`
        : undefined,
  });
  const material = keyMaterial(key);
  const made = await insertKey(tx, { scope: 'manage', name: readKeyName(name), ...material });
  if (made === undefined) {
    const apiKey = await findAnyKeyByHash(tx, material.hash);
    if (apiKey === undefined) throw defect('an API key was neither made nor found');
    return { apiKey, created: false };
  }
  const subject = `api_key:${made.id}`;
  await recordKey(tx, null, context, {
    action: 'api_key.created',
    subject,
    after: apiKeyShape(made),
  });
  return { apiKey: made, created: true };
}
