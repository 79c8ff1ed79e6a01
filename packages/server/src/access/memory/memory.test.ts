import { builtinPolicy } from '@rolecall/policy';
import { describe, expect, it } from 'vitest';
import { type LoadedPrincipal } from '../load-store.ts';
import { Memory } from './memory.ts';

const EPOCH = '0b0e5f0e-6a3e-4bb9-9d9a-000000000000';
const projects = (...ids: string[]) =>
  ids.length === 0 ? '' : `project:read allow\t${ids.join('\t')}`;

function loaded(revision: number, userId = 'alice'): LoadedPrincipal {
  return {
    revision,
    epoch: EPOCH,
    enforcement: 'enforced',
    membership: 'active',
    direct: { principal: `user:${userId}`, lines: '' },
    roles: [],
  };
}

const newMemory = (maxBytes = 1_000_000) => new Memory<string>(builtinPolicy, maxBytes);

/** Keeps `users` users and one role in an organization at revision 0. */
function fill(memory: Memory<string>, organizationId: string, users: readonly string[]) {
  const ticket = memory.beginLoad(organizationId);
  const kept = memory.open(ticket, loaded(0));
  memory.endLoad(ticket);
  kept?.holdRole('r', { principal: 'role:organization:r', lines: projects('p1') }, 0);
  for (const user of users) {
    const principal = `user:${user}`;
    const direct = { principal, lines: '' };
    kept?.holdPrincipal({ principal, membership: 'active', roleIds: ['r'], direct }, 0);
  }
  return kept;
}

describe('memory', () => {
  it('pins a principal when it and all its roles are there', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', ['alice']);
    expect(memory.pin('acme', 'user:alice')?.can('project:read', 'p1')).toBe(true);
    expect(memory.pin('acme', 'user:bob')).toBeUndefined();
    expect(memory.pin('other', 'user:alice')).toBeUndefined();
    expect(acme?.missing('user:bob')).toBe('principal');
    acme?.learn({ revision: 1, everything: false, roles: ['r'], principals: [] });
    expect(memory.pin('acme', 'user:alice')).toBeUndefined();
    expect(acme?.missing('user:alice')).toEqual(['r']);
  });

  it('learns what is announced only as the next revision, and leaves the rest to a poll', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', ['alice', 'bob']);
    const announce = (revision: number, what: unknown) =>
      memory.announce({ organizationId: 'acme', revision, what });
    expect(announce(2, { users: ['bob'] })).toBe(false);
    expect(acme?.state.revision).toBe(0);
    expect(memory.pin('acme', 'user:bob')).toBeDefined();
    expect(announce(1, { users: ['alice'] })).toBe(true);
    expect(acme?.state.revision).toBe(1);
    expect(memory.pin('acme', 'user:alice')).toBeUndefined();
    expect(announce(1, { users: ['bob'] })).toBe(true);
    expect(memory.pin('acme', 'user:bob')).toBeDefined();
    expect(announce(2, { organization: true })).toBe(true);
    expect(memory.find('acme')).toBeUndefined();
    expect(announce(9, {})).toBe(true);
  });

  it('does not keep what was loaded before something was announced', () => {
    const memory = newMemory();
    const ticket = memory.beginLoad('acme');
    expect(memory.announce({ organizationId: 'acme', revision: 3, what: {} })).toBe(true);
    expect(memory.open(ticket, loaded(2))).toBeUndefined();
    expect(memory.open(ticket, loaded(3))).toBeDefined();
  });

  it('leaves a handle as it was when the state moves on', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', ['alice']);
    const before = memory.pin('acme', 'user:alice');
    acme?.learn({ revision: 1, everything: false, roles: ['r'], principals: [] });
    acme?.holdRole('r', { principal: 'role:organization:r', lines: projects('p2') }, 1);
    const after = memory.pin('acme', 'user:alice');
    expect(before?.can('project:read', 'p1')).toBe(true);
    expect(after?.can('project:read', 'p1')).toBe(false);
    expect(after?.can('project:read', 'p2')).toBe(true);
    expect(before?.revision).not.toBe(after?.revision);
  });

  it('takes what was loaded at an earlier revision only if nothing since has changed it', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', []);
    acme?.learn({ revision: 1, everything: false, roles: [], principals: ['user:alice'] });
    acme?.learn({ revision: 2, everything: false, roles: ['s'], principals: [] });
    const hold = (user: string) => {
      const principal = `user:${user}`;
      const direct = { principal, lines: '' };
      const holder = { principal, membership: 'active', roleIds: [], direct } as const;
      return acme?.holdPrincipal(holder, 0);
    };
    const role = { principal: 'role:organization:s', lines: projects('p1') };
    expect(hold('alice')).toBe(false);
    expect(hold('bob')).toBe(true);
    expect(acme?.holdRole('s', role, 1)).toBe(false);
    expect(acme?.holdRole('s', role, 2)).toBe(true);
    expect(acme?.holdRole('s2', role, 3)).toBe(false);
    expect(acme?.holdRole('s2', role, -1)).toBe(false);
  });

  it('drops an organization that missed a revision, and knows one that it has', () => {
    const memory = newMemory();
    fill(memory, 'acme', ['alice']);
    memory.apply([{ organizationId: 'acme', revision: 0, what: { organization: true } }]);
    memory.apply([{ organizationId: 'acme', revision: 1, what: {} }]);
    expect(memory.pin('acme', 'user:alice')).toBeDefined();
    memory.apply([{ organizationId: 'acme', revision: 3, what: {} }]);
    expect(memory.find('acme')).toBeUndefined();
    expect(memory.counts().bytes).toBe(0);
  });

  it('does not keep an organization at a revision that was overtaken while it was loaded', () => {
    const memory = newMemory();
    const ticket = memory.beginLoad('acme');
    memory.apply([{ organizationId: 'acme', revision: 6, what: {} }]);
    expect(memory.open(ticket, loaded(5))).toBeUndefined();
    expect(memory.open(ticket, loaded(6))).toBeDefined();
    memory.endLoad(ticket);
  });

  it('takes nothing of a load that was begun before everything was forgotten', () => {
    const memory = newMemory();
    const ticket = memory.beginLoad('acme');
    memory.reset();
    expect(memory.open(ticket, loaded(5))).toBeUndefined();
    fill(memory, 'acme', []);
    expect(memory.reopen(ticket)).toBeUndefined();
    memory.endLoad(ticket);
  });

  it('accounts for everything that it lets go of', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', ['alice', 'bob']);
    fill(memory, 'other', ['carol']);
    acme?.learn({ revision: 1, everything: false, roles: ['r'], principals: ['user:alice'] });
    expect(memory.counts()).toMatchObject({ organizations: 2, roles: 1, principals: 2 });
    memory.drop('other');
    expect(memory.counts().bytes).toBeGreaterThan(0);
    memory.reset();
    expect(memory.counts()).toMatchObject({ organizations: 0, roles: 0, principals: 0, bytes: 0 });
  });
});

describe('when memory is full', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);

  it('looks in one place for roles that many hold together, which counts, and in the right one after a change', () => {
    const memory = newMemory();
    const acme = fill(memory, 'acme', []);
    const hold = (id: string, revision: number, ...ids: string[]) =>
      acme?.holdRole(
        id,
        { principal: `role:organization:${id}`, lines: projects(...ids) },
        revision,
      );
    hold('s', 0, 'p2', 'both');
    hold('t', 0, 'p3', 'both');
    const add = (user: string) => {
      const principal = `user:${user}`;
      const direct = { principal, lines: '' };
      acme?.holdPrincipal({ principal, membership: 'active', roleIds: ['s', 't'], direct }, 0);
    };
    const seen = (user: string) =>
      ['p2', 'p3', 'p4', 'both'].filter((id) =>
        memory.pin('acme', `user:${user}`)?.can('project:read', id),
      );
    add('first');
    expect(seen('first')).toEqual(['p2', 'p3', 'both']);
    for (let user = 0; user < 40; user += 1) add(`u${user}`);
    const before = memory.counts().bytes;
    expect(seen('first')).toEqual(['p2', 'p3', 'both']);
    expect(seen('u39')).toEqual(['p2', 'p3', 'both']);
    const merged = memory.counts().bytes;
    expect(merged).toBeGreaterThan(before);
    acme?.learn({ revision: 1, everything: false, roles: ['t'], principals: [] });
    expect(memory.pin('acme', 'user:first')).toBeUndefined();
    expect(memory.counts().bytes).toBeLessThan(before);
    hold('t', 1, 'p4');
    expect(seen('first')).toEqual(['p2', 'p4', 'both']);
    expect(seen('u0')).toEqual(['p2', 'p4', 'both']);
    memory.reset();
    expect(memory.counts().bytes).toBe(0);
  });

  it('the organization that holds more than a quarter gives first', () => {
    const memory = newMemory(100_000);
    fill(memory, 'small', ['alice']);
    fill(memory, 'large', many(600));
    memory.pin('large', 'user:user-0');
    memory.trim();
    expect(memory.counts().bytes).toBeLessThanOrEqual(100_000);
    expect(memory.pin('small', 'user:alice')).toBeDefined();
    expect(memory.pin('large', 'user:user-0')).toBeDefined();
    expect(memory.pin('large', 'user:user-1')).toBeUndefined();
    expect(memory.pin('large', 'user:user-599')).toBeDefined();
  });

  it('else the one that nobody asked about for longest does', () => {
    const memory = newMemory(100_000);
    for (let n = 0; n < 60; n += 1) fill(memory, `organization-${n}`, many(2));
    memory.apply([]);
    memory.pin('organization-0', 'user:user-0');
    memory.trim();
    expect(memory.counts().bytes).toBeLessThanOrEqual(100_000);
    expect(memory.find('organization-0')).toBeDefined();
    expect(memory.find('organization-1')).toBeUndefined();
    expect(memory.find('organization-59')).toBeDefined();
  });
});
