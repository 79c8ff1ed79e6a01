import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideExternalId,
  decideMembership,
  type MembershipDecision,
  type MembershipSituation,
  sameSet,
  slugSet,
} from './index.ts';

const SLUGS = ['admin', 'member', 'org-a', 'org-b', 'org-c'];
const set = fc.subarray(SLUGS, { minLength: 1 }).map(slugSet);
const statuses = fc.constantFrom('active' as const, 'pending' as const, 'inactive' as const);
const seen = fc.record({
  remoteId: fc.constantFrom('om_1', 'om_2'),
  status: statuses,
  roles: set,
  rolesListed: fc.boolean(),
  directoryManaged: fc.boolean(),
});
const situations: fc.Arbitrary<MembershipSituation> = fc.record({
  local: fc.record({ roles: set }),
  remote: fc.option(seen, { nil: undefined }),
  base: fc.option(
    fc.record({
      remoteId: fc.constant('om_1'),
      roles: set,
      suspendedRoles: fc.option(set, { nil: null }),
      suspendedByDirectory: fc.boolean(),
      standIn: fc.boolean(),
    }),
    { nil: undefined },
  ),
  linkedTo: fc.constantFrom('om_1', undefined),
  personEnded: fc.boolean(),
  unanswered: fc.array(set, { maxLength: 2 }),
  fallback: fc.constant('member'),
  known: set.map((roles) => new Set([...roles, 'admin', 'member'])),
  available: set.map((roles) => new Set([...roles, 'admin', 'member'])),
  multipleRoles: fc.boolean(),
  mode: fc.constantFrom('adopt', 'enforce'),
  pending: fc.boolean(),
  linking: fc.boolean(),
  unsettled: fc.boolean(),
});

const active = {
  remoteId: 'om_1',
  status: 'active' as const,
  roles: ['member'],
  rolesListed: true,
  directoryManaged: false,
};
const calm: MembershipSituation = {
  local: { roles: ['member'] },
  remote: active,
  base: { remoteId: 'om_1', roles: ['member'], suspendedRoles: null },
  linkedTo: 'om_1',
  personEnded: false,
  unanswered: [],
  fallback: 'member',
  known: new Set(SLUGS),
  available: new Set(SLUGS),
  multipleRoles: true,
  mode: 'adopt',
  pending: false,
  linking: false,
  unsettled: false,
};
const comparable = (
  roles: readonly string[],
  there: readonly string[],
  base: readonly string[],
) => ({
  ...calm,
  local: { roles },
  remote: { ...active, roles: there },
  base: { remoteId: 'om_1', roles: base, suspendedRoles: null },
});
const keep = (roles: readonly string[]) => ({
  do: 'settle',
  local: roles,
  push: undefined,
  lacking: [],
  overruled: [],
});

/** The world after a decision was carried out and committed. */
function after(situation: MembershipSituation, decision: MembershipDecision): MembershipSituation {
  const { remote } = situation;
  if (decision.do !== 'settle' || remote === undefined) return situation;
  const roles = decision.push ?? remote.roles;
  const listed = { ...remote, roles, rolesListed: true };
  return {
    ...situation,
    local: { roles: decision.local },
    remote: listed,
    base: { remoteId: remote.remoteId, roles, suspendedRoles: null },
    pending: decision.lacking.length > 0,
    linking: false,
    unanswered: [],
  };
}

describe('deciding about a membership', () => {
  it('PROPERTY (idempotent): decides nothing more after the effect of a decision', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const first = decideMembership(situation);
        fc.pre(first.do === 'settle');
        const next = after(situation, first);
        const second = decideMembership(next);
        if (second.do !== 'settle') {
          // What is held already may be more than may be sent anew.
          expect(['park', 'blocked']).toContain(second.do);
          return;
        }
        expect(second.push).toBeUndefined();
        expect(second.overruled).toEqual([]);
        expect(sameSet(second.local, next.local.roles)).toBe(true);
      }),
    );
  });

  it('PROPERTY (removals win): keeps nothing that either side has removed', () => {
    fc.assert(
      fc.property(set, set, set, fc.boolean(), (local, there, base, pending) => {
        const decision = decideMembership({ ...comparable(local, there, base), pending });
        if (decision.do !== 'settle') throw new Error(decision.do);
        for (const slug of base.filter((one) => !local.includes(one) || !there.includes(one))) {
          // The fallback of an empty set is no role that was kept.
          if (sameSet(decision.local, ['member'])) continue;
          expect(decision.local).not.toContain(slug);
          expect(decision.push ?? decision.local).not.toContain(slug);
        }
      }),
    );
  });

  it('PROPERTY (no addition against a pending change): what was added there is a conflict', () => {
    fc.assert(
      fc.property(set, set, set, (local, there, base) => {
        const decision = decideMembership({ ...comparable(local, there, base), pending: true });
        if (decision.do !== 'settle') throw new Error(decision.do);
        const added = there.filter((slug) => !base.includes(slug) && !local.includes(slug));
        expect(decision.overruled).toEqual(added);
        const kept = decision.local.filter((slug) => added.includes(slug) && slug !== 'member');
        expect(kept).toEqual([]);
      }),
    );
  });

  it('PROPERTY (echo): never adopts what an unanswered call of ours wrote', () => {
    fc.assert(
      fc.property(set, set, set, fc.boolean(), (local, there, base, pending) => {
        const situation = { ...comparable(local, there, base), pending, unanswered: [there] };
        const decision = decideMembership(situation);
        expect(decision).toMatchObject({ do: 'settle', local, overruled: [] });
      }),
    );
  });

  it('PROPERTY (echo): takes no role for given that an unanswered call of ours was to give', () => {
    fc.assert(
      fc.property(set, set, set, set, fc.boolean(), (local, there, base, ours, pending) => {
        const situation = { ...comparable(local, there, base), pending, unanswered: [ours] };
        const decision = decideMembership(situation);
        if (decision.do !== 'settle') throw new Error(decision.do);
        const given = there.filter((slug) => !base.includes(slug) && ours.includes(slug));
        for (const slug of given.filter((one) => !local.includes(one))) {
          // The fallback of an empty set is no role that was given.
          if (!sameSet(decision.local, ['member'])) expect(decision.local).not.toContain(slug);
          expect(decision.overruled).not.toContain(slug);
        }
      }),
    );
  });

  it('PROPERTY (echo): takes no role for removed that an unanswered call was to take, and a pending change gives', () => {
    fc.assert(
      fc.property(set, set, set, set, (local, there, base, ours) => {
        const situation = { ...comparable(local, there, base), unanswered: [ours] };
        const decision = decideMembership({ ...situation, pending: true });
        if (decision.do !== 'settle') throw new Error(decision.do);
        const given = local.filter((slug) => base.includes(slug) && !ours.includes(slug));
        expect(decision.local).toEqual(expect.arrayContaining(given));
      }),
    );
  });

  it('PROPERTY (suspended): neither adopts nor pushes nor ends while inactive', () => {
    fc.assert(
      fc.property(situations, set, (situation, roles) => {
        fc.pre(situation.base !== undefined);
        const remote = { ...active, status: 'inactive' as const, roles };
        expect(decideMembership({ ...situation, remote })).toEqual({ do: 'hold' });
      }),
    );
  });

  it('PROPERTY (no base): removes nothing and unites nothing without a base', () => {
    fc.assert(
      fc.property(situations, set, set, (situation, local, roles) => {
        const unknown = { ...situation, base: undefined, local: { roles: local } };
        const decision = decideMembership({ ...unknown, remote: { ...active, roles } });
        expect(decision).toEqual(
          situation.linking && sameSet(local, roles) ? keep(local) : { do: 'plan' },
        );
      }),
    );
  });

  it('PROPERTY (incarnations): takes another id for another life, whatever the mode', () => {
    fc.assert(
      fc.property(situations, seen, (situation, remote) => {
        fc.pre(situation.base !== undefined);
        const other = { ...remote, remoteId: 'om_2' };
        expect(decideMembership({ ...situation, remote: other })).toEqual({ do: 'new_life' });
      }),
    );
  });

  it('PROPERTY (unknown roles): never takes anything away because of a role that nobody knows', () => {
    fc.assert(
      fc.property(set, set, set, (local, there, base) => {
        const situation = comparable(local, [...there, 'org-unheard'], base);
        expect(decideMembership(situation)).toEqual({ do: 'park', missing: ['org-unheard'] });
      }),
    );
  });

  it('PROPERTY (unsettled): adopts nothing while an old call may still take effect', () => {
    fc.assert(
      fc.property(set, set, set, fc.boolean(), fc.boolean(), (local, there, base, ...flags) => {
        const [pending, directoryManaged] = flags;
        const situation = comparable(local, there, base);
        const remote = { ...situation.remote, directoryManaged };
        const decision = decideMembership({ ...situation, remote, pending, unsettled: true });
        if (decision.do === 'settle') expect(decision.local).toEqual(local);
        else expect(decision).toEqual({ do: 'wait' });
      }),
    );
  });

  it('PROPERTY (enforce): puts back what was changed there, unless a directory owns it', () => {
    fc.assert(
      fc.property(set, set, set, fc.boolean(), (local, there, base, pending) => {
        const decision = decideMembership({
          ...comparable(local, there, base),
          mode: 'enforce',
          pending,
        });
        expect(decision).toMatchObject({ do: 'settle', local });
      }),
    );
  });

  it('takes both halves of what two people did to different roles', () => {
    const situation = comparable(['member', 'org-a'], ['member'], ['member', 'org-a']);
    expect(decideMembership(situation)).toEqual(keep(['member']));
    const both = comparable(['org-a'], ['member', 'org-a', 'org-b'], ['member', 'org-a']);
    expect(decideMembership({ ...both, pending: true })).toEqual({
      do: 'settle',
      local: ['org-a'],
      push: ['org-a'],
      lacking: [],
      overruled: ['org-b'],
    });
  });

  it('takes a removal for one although a call was to do the same, once WorkOS has had what is here', () => {
    const situation = comparable(['admin', 'org-a'], ['org-b'], ['admin', 'org-a']);
    const unanswered = [['org-a']];
    expect(decideMembership({ ...situation, unanswered })).toEqual(keep(['org-b']));
    expect(decideMembership({ ...situation, unanswered, pending: true })).toMatchObject({
      local: ['admin'],
      push: ['admin'],
      overruled: ['org-b'],
    });
  });

  it('falls back to `member` where the removals of both sides leave nothing', () => {
    const situation = comparable(['org-a'], ['org-b'], ['org-a', 'org-b']);
    expect(decideMembership({ ...situation, pending: true })).toMatchObject({
      local: ['member'],
      push: ['member'],
    });
  });

  it('sends the part that can be sent until the roles are there', () => {
    const situation = comparable(['org-a', 'org-c'], ['org-a', 'org-b'], ['org-a', 'org-b']);
    const available = new Set(['member', 'admin', 'org-a', 'org-b']);
    expect(decideMembership({ ...situation, pending: true, available })).toMatchObject({
      local: ['org-a', 'org-c'],
      push: ['org-a'],
      lacking: ['org-c'],
    });
  });

  it('keeps the roles of who was suspended, reset by the directory and let in again', () => {
    const situation = comparable(['admin', 'member'], ['member'], ['admin', 'member']);
    const suspended = { suspendedRoles: ['member'], suspendedByDirectory: true };
    const base = { remoteId: 'om_1', roles: ['admin', 'member'], ...suspended };
    expect(decideMembership({ ...situation, base })).toMatchObject({
      local: ['admin', 'member'],
      push: ['admin', 'member'],
    });
    expect(decideMembership(situation)).toEqual(keep(['member']));
  });

  it.each([
    ['when no directory was involved', ['member'], false],
    ['when the suspension itself left the roles alone', ['admin', 'member'], true],
  ])('takes a demotion during a suspension for one: %s', (_, suspendedRoles, directory) => {
    const situation = comparable(['admin', 'member'], ['member'], ['admin', 'member']);
    const suspended = { suspendedRoles, suspendedByDirectory: directory };
    const base = { remoteId: 'om_1', roles: ['admin', 'member'], ...suspended };
    expect(decideMembership({ ...situation, base })).toEqual(keep(['member']));
  });

  it('leaves the roles of a directory to the directory', () => {
    const remote = { ...active, roles: ['org-b'], directoryManaged: true };
    expect(decideMembership({ ...calm, remote, mode: 'enforce', pending: true })).toMatchObject({
      local: ['org-b'],
      push: undefined,
      overruled: ['member'],
    });
  });

  it('refuses a second role where WorkOS would', () => {
    const situation = { ...comparable(['member', 'org-a'], ['member'], ['member']), pending: true };
    expect(decideMembership({ ...situation, multipleRoles: false })).toEqual({
      do: 'blocked',
      code: 'multiple_roles_not_enabled',
    });
  });

  it('ends with WorkOS what WorkOS has ended, but never what was not seen there yet', () => {
    expect(decideMembership({ ...calm, remote: undefined })).toEqual({ do: 'end' });
    const unknown = { ...calm, remote: undefined, base: undefined, linkedTo: undefined };
    expect(decideMembership(unknown)).toEqual({ do: 'plan' });
  });

  it('INVARIANT (incarnations): ends whose person is no more, also when the membership was never seen there', () => {
    const unknown = { ...calm, remote: undefined, base: undefined, linkedTo: undefined };
    expect(decideMembership({ ...unknown, personEnded: true })).toEqual({ do: 'end' });
  });

  it('ends who was seen there and is gone, also while a person has not chosen a side yet', () => {
    const planned = { ...calm, remote: undefined, base: undefined, linking: true, pending: true };
    expect(decideMembership(planned)).toEqual({ do: 'end' });
    const anew = { ...planned, remote: { ...active, remoteId: 'om_2' } };
    expect(decideMembership(anew)).toEqual({ do: 'new_life' });
  });

  it('does not take the stand-in for an unknown role for something that WorkOS took away', () => {
    const base = { remoteId: 'om_1', roles: ['member'], suspendedRoles: null, standIn: true };
    const remote = { ...active, roles: ['org-a'] };
    const decided = { ...calm, remote, base, local: { roles: ['admin', 'member'] }, pending: true };
    const local = ['admin', 'member'];
    expect(decideMembership(decided)).toMatchObject({ do: 'settle', local, push: local });
    const left = { ...decided, local: { roles: ['member'] }, pending: false };
    expect(decideMembership(left)).toMatchObject({ do: 'settle', local: ['org-a'] });
  });
});

describe('deciding about an external id', () => {
  it('never overwrites one that is not ours', () => {
    expect(decideExternalId('ann', null)).toEqual({ do: 'push' });
    expect(decideExternalId('ann', 'ann')).toEqual({ do: 'equal' });
    expect(decideExternalId('ann', 'bob')).toEqual({ do: 'foreign' });
  });
});
