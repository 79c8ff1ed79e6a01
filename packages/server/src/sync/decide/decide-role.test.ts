import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRole, type RoleDecision, type RoleFields, type RoleSituation } from './index.ts';

const fields: fc.Arbitrary<RoleFields> = fc.record({
  name: fc.constantFrom('Auditor', 'Inspector', 'Reader'),
  description: fc.constantFrom(null, 'reads'),
});
const seen = fc.record({ remoteId: fc.constantFrom('role_1', 'role_2'), fields });
const situations: fc.Arbitrary<RoleSituation> = fc.record({
  local: fc.record({ live: fc.boolean(), fields }),
  remote: fc.option(seen, { nil: undefined }),
  base: fc.option(seen, { nil: undefined }),
  unanswered: fc.array(fields, { maxLength: 2 }),
  named: fc.boolean(),
  mode: fc.constantFrom('adopt', 'enforce'),
  pending: fc.boolean(),
  linking: fc.boolean(),
  unsettled: fc.boolean(),
});

const AUDITOR: RoleFields = { name: 'Auditor', description: null };
const INSPECTOR: RoleFields = { name: 'Inspector', description: null };
const calm: RoleSituation = {
  local: { live: true, fields: AUDITOR },
  remote: { remoteId: 'role_1', fields: AUDITOR },
  base: { remoteId: 'role_1', fields: AUDITOR },
  unanswered: [],
  named: false,
  mode: 'adopt',
  pending: false,
  linking: false,
  unsettled: false,
};
const renamedThere = { remoteId: 'role_1', fields: INSPECTOR };

/** The world after a decision was carried out and committed. */
function after(situation: RoleSituation, decision: RoleDecision): RoleSituation {
  const { local, remote } = situation;
  const settled = { ...situation, pending: false, linking: false, unanswered: [] };
  switch (decision.do) {
    case 'equal':
      return { ...settled, base: remote };
    case 'create':
    case 'update': {
      const made = { remoteId: remote?.remoteId ?? 'role_9', fields: local.fields };
      return { ...settled, remote: made, base: made };
    }
    case 'delete':
      return { ...settled, remote: undefined };
    case 'adopt':
      return { ...settled, local: { live: true, fields: remote?.fields ?? AUDITOR }, base: remote };
    case 'bury':
    case 'replaced':
      return { ...settled, local: { ...local, live: false }, remote: undefined };
    default:
      return situation;
  }
}

describe('deciding about a role', () => {
  it('PROPERTY (idempotent): decides nothing more after the effect of a decision', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const first = decideRole(situation);
        const second = decideRole(after(situation, first));
        const ended = ['plan', 'conflict', 'wait'].includes(first.do) ? first.do : undefined;
        expect(['equal', 'gone', ended]).toContain(second.do);
      }),
    );
  });

  it('PROPERTY (no base): takes nothing away from either side without a base', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        fc.pre(situation.unanswered.length === 0);
        const decision = decideRole({ ...situation, base: undefined });
        expect(['create', 'equal', 'plan', 'conflict', 'gone']).toContain(decision.do);
      }),
    );
  });

  it('PROPERTY (echo): never adopts what an unanswered call of ours wrote', () => {
    fc.assert(
      fc.property(situations, fields, (situation, value) => {
        const remote = { remoteId: 'role_1', fields: value };
        const { do: what } = decideRole({ ...situation, remote, unanswered: [value] });
        expect(['adopt', 'bury', 'replaced', 'conflict', 'plan']).not.toContain(what);
      }),
    );
  });

  it('PROPERTY (unsettled): adopts nothing while an old call may still take effect', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { do: what } = decideRole({ ...situation, unsettled: true });
        expect(['adopt', 'bury', 'replaced']).not.toContain(what);
      }),
    );
  });

  it('PROPERTY (enforce): adopts nothing in an environment that enforces', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { do: what } = decideRole({ ...situation, mode: 'enforce' });
        expect(['adopt', 'bury', 'replaced']).not.toContain(what);
      }),
    );
  });

  it('adopts a rename when nothing is pending', () => {
    expect(decideRole({ ...calm, remote: renamedThere })).toEqual({ do: 'adopt' });
  });

  it('pushes over a rename that meets a pending change, and says what was overruled', () => {
    const local = { live: true, fields: { name: 'Reader', description: null } };
    expect(decideRole({ ...calm, local, remote: renamedThere, pending: true })).toEqual({
      do: 'update',
      overruled: INSPECTOR,
    });
  });

  it('pushes over its own late write instead of adopting it', () => {
    const decision = decideRole({ ...calm, remote: renamedThere, unanswered: [INSPECTOR] });
    expect(decision).toEqual({ do: 'update', overruled: undefined });
  });

  it('makes a missing role again when a change or a member needs it, else buries it', () => {
    const missing = { ...calm, remote: undefined };
    expect(decideRole({ ...missing, pending: true })).toEqual({ do: 'create' });
    expect(decideRole({ ...missing, named: true })).toEqual({ do: 'create' });
    expect(decideRole(missing)).toEqual({ do: 'bury' });
  });

  it('takes a role made anew under the same slug for another role', () => {
    const remote = { remoteId: 'role_2', fields: AUDITOR };
    expect(decideRole({ ...calm, remote })).toEqual({ do: 'replaced' });
    const pending = { ...calm, remote, pending: true };
    expect(decideRole(pending)).toEqual({ do: 'conflict', dispute: 'recreated_while_pending' });
  });

  it('does not claim a role that somebody else made under its slug, even an equal one', () => {
    const taken = { ...calm, base: undefined, pending: true };
    expect(decideRole(taken)).toEqual({ do: 'conflict', dispute: 'slug_taken' });
    expect(decideRole({ ...taken, unanswered: [AUDITOR] })).toEqual({ do: 'equal' });
    expect(decideRole({ ...taken, linking: true })).toEqual({ do: 'equal' });
  });

  it('deletes only the life that was its own', () => {
    const buried = { ...calm, local: { live: false, fields: AUDITOR }, pending: true };
    expect(decideRole(buried)).toEqual({ do: 'delete' });
    const other = { ...buried, remote: { remoteId: 'role_2', fields: AUDITOR } };
    expect(decideRole(other)).toEqual({ do: 'gone' });
    expect(decideRole({ ...buried, base: undefined })).toEqual({ do: 'gone' });
  });
});
