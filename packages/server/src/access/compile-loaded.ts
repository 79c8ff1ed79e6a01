import { type CompiledGrants, compileGrants, joinGrants, type Policy } from '@rolecall/policy';
import { type LoadedPrincipal } from './load-store.ts';
import { type GrantBlock, readGrants } from './load-text.ts';
import { pinPrincipal, type PrincipalHandle } from './principal-handle.ts';
import { asPolicyError, unreadableDeny } from './refuse-check.ts';
import { encodeRevision } from './revision.ts';

/** Makes the grants of one holder ready for checks. */
export function compileBlock<Scope extends string>(
  policy: Policy<Scope>,
  block: GrantBlock,
): CompiledGrants<Scope> {
  try {
    return compileGrants(policy, readGrants(block));
  } catch (error) {
    const refused = asPolicyError(error);
    throw refused === undefined ? error : unreadableDeny(refused);
  }
}

/** The handle of a principal that was loaded whole, and so is of one snapshot. */
export function pinLoaded<Scope extends string>(
  policy: Policy<Scope>,
  organizationId: string,
  loaded: LoadedPrincipal,
): PrincipalHandle<Scope> {
  const { revision, epoch, enforcement, membership } = loaded;
  const blocks = [...loaded.roles, loaded.direct];
  const compiled = blocks.map((block) => compileBlock(policy, block));
  return pinPrincipal(
    { organizationId, policy, token: encodeRevision({ organizationId, epoch, revision }) },
    {
      principal: loaded.direct.principal,
      standing: { membership, enforcement },
      grants: joinGrants(policy, compiled, organizationId),
      blocks,
    },
  );
}
