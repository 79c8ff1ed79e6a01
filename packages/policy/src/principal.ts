import { policyError, quote, type PrincipalProblem } from './error.ts';

/** Who holds grants. `legacy_role` is the form by slug that is read until the cut-over. */
export type Principal =
  | { readonly type: 'user'; readonly id: string }
  | { readonly type: 'role'; readonly kind: 'global' | 'organization'; readonly id: string }
  | { readonly type: 'legacy_role'; readonly slug: string }
  | { readonly type: 'api_key'; readonly id: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SLUG = /^[a-z0-9][a-z0-9_-]*$/;
// `*` alone is the wildcard and names nobody; within a longer id it is a letter like any other.
const ID = /^(?!\*$)[^\s\p{Cc}]{1,255}$/u;

/**
 * Reads a principal: `user:<id>`, `role:global:<uuid>`, `role:organization:<uuid>`, `role:<slug>` or
 * `api_key:<id>`. There is one spelling of each, because principals are compared as text: uuids are
 * in lower case. Throws `invalid_principal`.
 */
export function parsePrincipal(urn: string): Principal {
  const [type, rest] = cut(urn);
  switch (type) {
    case 'user':
    case 'api_key':
      return { type, id: matching(ID, rest, urn) };
    case 'role': {
      const [kind, id] = cut(rest);
      if (id === '' && kind === rest)
        return { type: 'legacy_role', slug: matching(SLUG, rest, urn) };
      if (kind !== 'global' && kind !== 'organization') {
        return refuse('unknown_type', urn, 'a role is `global` or `organization`');
      }
      return { type, kind, id: matching(UUID, id, urn) };
    }
    default:
      return refuse('unknown_type', urn, 'a principal is a user, a role or an api_key');
  }
}

/** Writes a principal as `parsePrincipal` reads it. Throws `invalid_principal`. */
export function formatPrincipal(principal: Principal): string {
  const urn = spell(principal);
  parsePrincipal(urn);
  return urn;
}

function spell(principal: Principal): string {
  switch (principal.type) {
    case 'user':
    case 'api_key':
      return `${principal.type}:${principal.id}`;
    case 'role':
      return `role:${principal.kind}:${principal.id}`;
    case 'legacy_role':
      return `role:${matching(SLUG, principal.slug, `role:${principal.slug}`)}`;
  }
}

function cut(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function matching(form: RegExp, id: string, urn: string): string {
  return form.test(id) ? id : refuse('malformed_id', urn, `${quote(id)} is not an id of its kind`);
}

function refuse(problem: PrincipalProblem, urn: string, why: string): never {
  const message = `unknown principal ${quote(urn)}: ${why}`;
  throw policyError('invalid_principal', problem, message, 'principal', urn);
}
