import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { formatPrincipal, parsePrincipal, type Principal } from './principal.ts';

const UUID = '0b1e4a52-6f0e-4c3a-9a51-3f6a5c1d2e01';

const PRINCIPALS: [string, Principal][] = [
  ['user:alice', { type: 'user', id: 'alice' }],
  ['user:auth0|5f7', { type: 'user', id: 'auth0|5f7' }],
  ['user:a:b', { type: 'user', id: 'a:b' }],
  ['user:Åsa', { type: 'user', id: 'Åsa' }],
  [`role:global:${UUID}`, { type: 'role', kind: 'global', id: UUID }],
  [`role:organization:${UUID}`, { type: 'role', kind: 'organization', id: UUID }],
  ['role:org-billing', { type: 'legacy_role', slug: 'org-billing' }],
  ['role:global', { type: 'legacy_role', slug: 'global' }],
  ['api_key:k1', { type: 'api_key', id: 'k1' }],
];

describe('parsePrincipal and formatPrincipal', () => {
  it.each(PRINCIPALS)('read and write %s', (urn, principal) => {
    expect(parsePrincipal(urn)).toEqual(principal);
    expect(formatPrincipal(principal)).toBe(urn);
  });

  it.each([
    ['', 'unknown_type'],
    ['alice', 'unknown_type'],
    ['USER:alice', 'unknown_type'],
    ['group:staff', 'unknown_type'],
    ['user', 'malformed_id'],
    ['user:', 'malformed_id'],
    ['user:*', 'malformed_id'],
    ['user: alice', 'malformed_id'],
    ['user:a\nb', 'malformed_id'],
    [`user:${'x'.repeat(256)}`, 'malformed_id'],
    ['api_key:', 'malformed_id'],
    ['role:', 'malformed_id'],
    ['role:Admin', 'malformed_id'],
    ['role:global:', 'malformed_id'],
    ['role:global:admin', 'malformed_id'],
    [`role:global:${UUID.toUpperCase()}`, 'malformed_id'],
    [`role:global:${UUID}:x`, 'malformed_id'],
    [`role:team:${UUID}`, 'unknown_type'],
  ])('refuse `%s`', (urn, problem) => {
    expect(errorOf(() => parsePrincipal(urn))).toMatchObject({
      code: 'invalid_principal',
      problem,
      path: 'principal',
    });
  });

  it('takes the letter of the wildcard for a letter within a longer id', () => {
    expect(parsePrincipal('user:te*m')).toEqual({ type: 'user', id: 'te*m' });
    expect(parsePrincipal('user:user:*')).toEqual({ type: 'user', id: 'user:*' });
  });

  it('say what was read', () => {
    expect(errorOf(() => parsePrincipal('user:*'))).toEqual({
      code: 'invalid_principal',
      problem: 'malformed_id',
      path: 'principal',
      value: 'user:*',
      message: 'unknown principal `user:*`: `*` is not an id of its kind at principal',
    });
  });

  it('never write what would be read as somebody else', () => {
    const disguised: Principal = { type: 'legacy_role', slug: `global:${UUID}` };
    expect(errorOf(() => formatPrincipal(disguised))).toMatchObject({ problem: 'malformed_id' });
  });
});
