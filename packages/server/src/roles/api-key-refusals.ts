import { refusal, type RolecallError } from '../errors/index.ts';

/** The refusal for an API key that is not there, or not the caller's to see. */
export function apiKeyNotFound(apiKeyId: string): RolecallError {
  return refusal('api_key_not_found', `there is no API key \`${apiKeyId}\``, { apiKeyId });
}
