import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_MS, RUNS, situationArb } from '../../test/arbitraries.ts';
import { reference } from '../../test/reference.ts';
import { builtinPolicy, type Effect, type Grant, type HeldGrant } from '../index.ts';
import { normalForm } from './normal-form.ts';

const grant = (scope: string, id: string, rest: Record<string, string> = {}): Grant => ({
  scope,
  effect: 'allow',
  selector: { ...rest, resource_kind: scope.split(':')[0] ?? '', resource_id: id },
});
const form = (...grants: readonly Grant[]) => normalForm(builtinPolicy, grants);

/** The grants that a normal form names. */
function grantsOf(forms: readonly string[]): readonly HeldGrant[] {
  return forms.map((text) => {
    const [effect = '', scope = ''] = text.split(' ');
    const [resource_id, ...pins] = JSON.parse(text.slice(effect.length + scope.length + 2)) as [
      string,
      ...[string, string][],
    ];
    const kind = scope === 'root' ? '*' : scope.slice(0, scope.indexOf(':'));
    const selector = { ...Object.fromEntries(pins), resource_kind: kind, resource_id };
    return { principal: 'user:u', scope, effect: effect as Effect, selector };
  });
}

describe('the normal form of grants', () => {
  it('is the same in whatever order, however often, and with what is implied or covered', () => {
    const some = form(grant('project:write', 'a'), grant('mcp:write', '*'));
    expect(some).toEqual(
      form(
        grant('mcp:read', '*'),
        grant('mcp:write', 'one', { tool: 'x' }),
        grant('mcp:write', '*'),
        grant('project:read', 'a'),
        grant('project:write', 'a'),
        grant('project:write', 'a'),
      ),
    );
  });

  it.each<[string, Grant]>([
    ['a place more', grant('project:read', 'b')],
    ['everywhere', grant('project:read', '*')],
    ['a deny', { ...grant('project:read', 'a'), effect: 'deny' }],
    ['a deny that cannot be read', { ...grant('gone:read', 'a'), effect: 'deny' }],
  ])('is another one with %s', (_, more) => {
    const held = grant('project:read', 'a');
    expect(form(held, more)).not.toEqual(form(held));
  });

  it('is no other one with an allow that cannot be read', () => {
    expect(form(grant('gone:read', 'a'))).toEqual([]);
  });

  it(
    'INVARIANT (equal forms, equal decisions): says all that decides',
    () => {
      fc.assert(
        fc.property(situationArb, ({ policy, grants, check }) => {
          const forms = normalForm(policy, grants);
          const again = grantsOf(forms);
          expect(normalForm(policy, again)).toEqual(forms);
          expect(reference(policy, again, check).allowed).toBe(
            reference(policy, grants, check).allowed,
          );
        }),
        { numRuns: RUNS },
      );
    },
    LONGEST_MS,
  );
});
