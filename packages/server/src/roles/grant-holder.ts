import {
  type Grant,
  parsePrincipal,
  type Policy,
  PolicyError,
  type Principal,
} from '@rolecall/policy';
import { type Reader } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { type Changed } from '../identity/index.ts';
import { apiKeyNotFound } from './api-key-refusals.ts';
import { findKeyOfOrganization } from './api-keys-store.ts';
import { type DirectGrants } from './direct-grant.ts';
import { type Holder } from './direct-grants-store.ts';
import { findMember } from './members-store.ts';
import { readGrants } from './read-grants.ts';
import { memberNotFound } from './read-members.ts';
import { isUuid } from './role-refusals.ts';

type DirectPrincipal = Extract<Principal, { readonly type: 'user' | 'api_key' }>;

/** A principal that can hold grants directly. Throws `invalid_principal`. */
export function readDirectPrincipal(urn: string): DirectPrincipal {
  const principal = parse(urn);
  if (principal.type === 'user' || principal.type === 'api_key') return principal;
  const message = `\`${urn}\` holds no grants directly: a role's are changed on the role`;
  throw refusal('invalid_principal', message, { principal: urn });
}

/** The live member or API key of the organization that a principal names, if there is one. */
export async function findHolder(
  reader: Reader,
  organizationId: string,
  principal: DirectPrincipal,
): Promise<Holder | undefined> {
  if (principal.type === 'user') {
    const member = await findMember(reader, organizationId, principal.id);
    return member && { column: 'membership_id', id: member.membershipId };
  }
  if (!isUuid(principal.id)) return undefined;
  const key = await findKeyOfOrganization(reader, organizationId, principal.id);
  return key && { column: 'api_key_id', id: key.id };
}

/** The holder that a command is about, as it was found behind the lock. Throws `member_not_found`, `api_key_not_found`. */
export function requireHolder(principal: DirectPrincipal, holder: Holder | undefined): Holder {
  if (holder !== undefined) return holder;
  throw principal.type === 'user' ? memberNotFound([principal.id]) : apiKeyNotFound(principal.id);
}

/** A principal and its grants, judged. Throws `invalid_principal`, `invalid_grant`, `invalid_selector`, `limit_exceeded`. */
export function readDirectGrants(
  policy: Policy,
  organizationId: string,
  args: DirectGrants,
): {
  readonly principal: DirectPrincipal;
  readonly grants: readonly Grant[];
} {
  const principal = readDirectPrincipal(args.principal);
  return { principal, grants: readGrants(policy, organizationId, args.grants) };
}

/** What changes for everybody who keeps answers, when the direct grants of a principal do. */
export function changedPrincipal(urn: string): Changed {
  const colon = urn.indexOf(':');
  const id = urn.slice(colon + 1);
  switch (urn.slice(0, colon)) {
    case 'user':
      return { users: [id] };
    case 'api_key':
      return { apiKeys: [id] };
    default:
      return { organization: true };
  }
}

function parse(urn: string): Principal {
  try {
    return parsePrincipal(urn);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw refusal('invalid_principal', error.message, { principal: urn });
  }
}
