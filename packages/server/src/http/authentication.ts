import { type KeyScope } from '@rolecall/contract';
import { type Reader } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { type ApiKey, authenticateApiKey } from '../roles/index.ts';

const bearer = /^bearer +([\x21-\x7e]{1,256}) *$/i;

/** Who calls: the API key, and the secret that it was shown with. */
export interface Caller {
  readonly apiKey: ApiKey;
  readonly secret: string;
}

/**
 * The API key of a request, read from the database every time, so that a revocation counts with the next
 * request. Throws `unauthenticated`.
 */
export async function authenticate(reader: Reader, request: Request): Promise<Caller> {
  const header = request.headers.get('authorization');
  if (header === null) throw refusal('unauthenticated', 'no API key was sent');
  const secret = bearer.exec(header)?.[1];
  if (secret === undefined) {
    throw refusal('unauthenticated', 'the header `Authorization` is not `Bearer <api key>`');
  }
  const apiKey = await authenticateApiKey(reader, secret);
  if (apiKey === undefined) throw refusal('unauthenticated', 'the API key is unknown or revoked');
  return { apiKey, secret };
}

/** Refuses what a key's scope does not reach. Throws `forbidden`. */
export function requireScope(apiKey: ApiKey, needed: KeyScope): void {
  if (needed === 'manage' && apiKey.scope !== 'manage') {
    throw refusal('forbidden', `an API key with the scope \`${apiKey.scope}\` may not do this`);
  }
}

/**
 * INVARIANT (tenant isolation): for a key of one organization no other exists. It is refused here, before
 * anything is read, so that an organization that exists and one that does not cannot be told apart.
 */
export function requireOrganization(apiKey: ApiKey, organizationId: string): void {
  if (apiKey.organizationId !== null && apiKey.organizationId !== organizationId) {
    throw organizationNotFound(organizationId);
  }
}

/** The refusal that an organization which does not exist gets too. */
export function organizationNotFound(organizationId: string): Error {
  return refusal('organization_not_found', `there is no organization \`${organizationId}\``);
}
