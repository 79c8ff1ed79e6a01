import { hash } from 'node:crypto';
import { type KeyScope } from '@rolecall/contract';
import { type Access, type KeptKey } from '../access/index.ts';
import { type Database } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { authenticateApiKey } from '../roles/index.ts';

const bearer = /^bearer +([\x21-\x7e]{1,256}) *$/i;

/** What counts of the key of a request. */
export type CallerKey = KeptKey;

/** Where keys are known from. */
export interface KeySources {
  readonly database: Database;
  readonly access: Access;
}

/** Who calls: the API key, and the secret that it was shown with. */
export interface Caller {
  readonly apiKey: CallerKey;
  readonly secret: string;
}

/** The secret in the header `Authorization`, if it has one. */
export function secretIn(header: string): string | undefined {
  return bearer.exec(header)?.[1];
}

/** The secret that a request was sent with. Throws `unauthenticated`. */
export function readSecret(header: string | null): string {
  if (header === null) throw refusal('unauthenticated', 'no API key was sent');
  const secret = secretIn(header);
  if (secret === undefined) {
    throw refusal('unauthenticated', 'the header `Authorization` is not `Bearer <api key>`');
  }
  return secret;
}

/**
 * The API key of a secret. For questions it may come from memory, where a revocation counts as soon as any
 * other change; for everything else it is read every time, so that a revocation counts with the next
 * request. Throws `unauthenticated`.
 */
export async function authenticate(
  sources: KeySources,
  secret: string,
  needed: KeyScope,
): Promise<Caller> {
  const apiKey =
    (needed === 'check' ? findKey(sources.access, secret) : undefined) ??
    (await readKey(sources, secret));
  if (apiKey === undefined) throw refusal('unauthenticated', 'the API key is unknown or revoked');
  return { apiKey, secret };
}

/** The key of a secret, if memory knows it and may answer. */
function findKey({ keys }: Pick<Access, 'keys'>, secret: string): CallerKey | undefined {
  return keys?.find(hashOfSecret(secret));
}

/** What memory knows a secret by. */
export function hashOfSecret(secret: string): string {
  return hash('sha256', secret, 'base64');
}

async function readKey(
  { database, access: { keys } }: KeySources,
  secret: string,
): Promise<CallerKey | undefined> {
  const ticket = keys?.beginLoad();
  const apiKey = await authenticateApiKey(database.db, secret);
  if (apiKey !== undefined && ticket !== undefined) {
    keys?.hold(ticket, hashOfSecret(secret), apiKey);
  }
  return apiKey;
}

/** Refuses what a key's scope does not reach. Throws `forbidden`. */
export function requireScope(apiKey: CallerKey, needed: KeyScope): void {
  if (needed === 'manage' && apiKey.scope !== 'manage') {
    throw refusal('forbidden', `an API key with the scope \`${apiKey.scope}\` may not do this`);
  }
}

/**
 * INVARIANT (tenant isolation): for a key of one organization no other exists. It is refused here, before
 * anything is read, so that an organization that exists and one that does not cannot be told apart.
 */
export function requireOrganization(apiKey: CallerKey, organizationId: string): void {
  if (!reaches(apiKey, organizationId)) throw organizationNotFound(organizationId);
}

/** Whether an organization exists for a key. */
export function reaches({ organizationId }: CallerKey, asked: string): boolean {
  return organizationId === null || organizationId === asked;
}

/** Refuses a key of one organization what concerns all of them. Throws `forbidden`. */
export function requireEnvironmentKey(apiKey: CallerKey): void {
  if (apiKey.organizationId !== null) {
    throw refusal('forbidden', 'this is for API keys of the whole environment');
  }
}

/** The refusal that an organization which does not exist gets too. */
export function organizationNotFound(organizationId: string): Error {
  return refusal('organization_not_found', `there is no organization \`${organizationId}\``);
}
