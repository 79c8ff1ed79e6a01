import { parsePrincipal, type Principal } from '@rolecall/policy';
import { type Reader } from '../database/index.ts';
import { refusal, type RolecallError } from '../errors/index.ts';
import { organizationNotFound } from '../identity/index.ts';
import { loadApiKey, type LoadedPrincipal, loadRole, loadUser } from './load-store.ts';
import { asPolicyError } from './refuse-check.ts';

/**
 * Everything that decides about a principal, in one statement and so from one snapshot. Throws
 * `organization_not_found`, `invalid_principal`, and `role_not_found` for a role.
 */
export async function loadPrincipal(
  reader: Reader,
  organizationId: string,
  principal: string,
): Promise<LoadedPrincipal> {
  const parsed = readPrincipal(principal);
  const loaded = await load(reader, organizationId, parsed);
  if (loaded === undefined) throw organizationNotFound(organizationId.slice(0, 255));
  if (parsed.type === 'role' && loaded.membership === 'none') {
    throw refusal('role_not_found', `role \`${principal}\` does not exist`);
  }
  return loaded;
}

async function load(
  reader: Reader,
  organizationId: string,
  principal: Principal,
): Promise<LoadedPrincipal | undefined> {
  // What cannot be an id is not sent: a NUL, for one, is an error of the connection's, not an answer.
  if (!IDENTIFIER.test(organizationId)) return undefined;
  switch (principal.type) {
    case 'user':
      return loadUser(reader, organizationId, principal.id);
    case 'api_key':
      return loadApiKey(reader, organizationId, principal.id);
    case 'role':
      return loadRole(reader, organizationId, principal);
    case 'legacy_role':
      throw invalidPrincipal(`\`role:${principal.slug}\` names a role by slug; name it by id`);
  }
}

/** Reads a principal of any type. Throws `invalid_principal`. */
export function readPrincipal(principal: string): Principal {
  try {
    return parsePrincipal(principal);
  } catch (error) {
    const refused = asPolicyError(error);
    throw refused === undefined ? error : invalidPrincipal(refused.message);
  }
}

/** Refuses whoever cannot act. Throws `invalid_principal`. */
export function requireActor(principal: string): void {
  const { type } = readPrincipal(principal);
  if (type === 'user' || type === 'api_key') return;
  throw invalidPrincipal(
    `\`${principal}\` cannot act: roles can be asked about in \`explain\` only`,
  );
}

const IDENTIFIER = /^[^\s\p{Cc}]{1,255}$/u;

function invalidPrincipal(message: string): RolecallError {
  return refusal('invalid_principal', message, { problems: [{ path: 'principal', message }] });
}
