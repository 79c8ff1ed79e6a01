import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { builtinPolicy } from './builtin-policy.ts';
import { classifyStored, inspectGrants, validateGrants, validateSelector } from './validate.ts';

describe('validateSelector', () => {
  it('returns the selector as it is stored', () => {
    const input = { tool: '*', resource_id: 's1', disposition: 'read_only', resource_kind: 'mcp' };
    expect(validateSelector(builtinPolicy, 'mcp:read', input)).toEqual({
      resource_kind: 'mcp',
      resource_id: 's1',
      disposition: 'read_only',
    });
  });

  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'not_an_object', 'selector'],
    ['null', null, 'not_an_object', 'selector'],
    ['text', 'project:p1', 'not_an_object', 'selector'],
    ['a list', [], 'not_an_object', 'selector'],
    ['no kind', { resource_id: 'p1' }, 'absent', 'selector.resource_kind'],
    ['no id', { resource_kind: 'project' }, 'absent', 'selector.resource_id'],
    ['an inherited id', Object.create({ resource_id: 'p1' }), 'absent', 'selector.resource_kind'],
    ['a number', { resource_kind: 'project', resource_id: 7 }, 'not_text', 'selector.resource_id'],
    [
      'an empty id',
      { resource_kind: 'project', resource_id: '' },
      'not_text',
      'selector.resource_id',
    ],
    [
      'another kind',
      { resource_kind: 'mcp', resource_id: 'p1' },
      'wrong_kind',
      'selector.resource_kind',
    ],
    [
      'every kind',
      { resource_kind: '*', resource_id: 'p1' },
      'wrong_kind',
      'selector.resource_kind',
    ],
    [
      'a dimension of another kind',
      { resource_kind: 'project', resource_id: 'p1', tool: 't' },
      'unknown_dimension',
      'selector.tool',
    ],
    [
      'an inherited name as dimension',
      { resource_kind: 'project', resource_id: 'p1', constructor: 't' },
      'unknown_dimension',
      'selector.constructor',
    ],
  ])('refuses %s', (_what, input, problem, path) => {
    expect(errorOf(() => validateSelector(builtinPolicy, 'project:read', input))).toMatchObject({
      code: 'invalid_selector',
      problem,
      path,
    });
  });

  it('refuses a prototype as dimension, as it comes from JSON', () => {
    const input: unknown = JSON.parse(
      '{"resource_kind": "mcp", "resource_id": "s1", "__proto__": "x"}',
    );
    expect(errorOf(() => validateSelector(builtinPolicy, 'mcp:read', input))).toMatchObject({
      problem: 'unknown_dimension',
      path: 'selector.__proto__',
    });
  });

  it('says what was found, and where', () => {
    const input = { resource_kind: 'mcp', resource_id: 's1', disposition: 'harmless' };
    const place = { path: 'roles[2].grants[0].selectors[1]' };
    expect(errorOf(() => validateSelector(builtinPolicy, 'mcp:read', input, place))).toEqual({
      code: 'invalid_selector',
      problem: 'unknown_value',
      path: 'roles[2].grants[0].selectors[1].disposition',
      value: 'harmless',
      message:
        '`disposition` of `mcp:read` cannot be `harmless` at roles[2].grants[0].selectors[1].disposition',
    });
  });

  it('quotes no more than a line of what was found', () => {
    const input = { resource_kind: 'x'.repeat(100_000), resource_id: 'p1' };
    const refusal = errorOf(() => validateSelector(builtinPolicy, 'project:read', input));
    expect(JSON.stringify(refusal).length).toBeLessThan(600);
  });

  it('refuses another organization, once it knows which one this is', () => {
    const input = { resource_kind: 'org', resource_id: 'globex' };
    expect(validateSelector(builtinPolicy, 'org:read', input)).toEqual(input);
    const place = { organizationId: 'acme' };
    expect(errorOf(() => validateSelector(builtinPolicy, 'org:read', input, place))).toMatchObject({
      problem: 'not_the_organization',
    });
  });

  it('refuses a scope that cannot be granted', () => {
    const input = { resource_kind: '*', resource_id: '*' };
    expect(errorOf(() => validateSelector(builtinPolicy, 'root', input))).toEqual({
      code: 'invalid_grant',
      problem: 'internal_scope',
      path: 'scope',
      value: 'root',
      message: 'scope `root` cannot be granted at scope',
    });
  });
});

describe('validateGrants', () => {
  it('puts the place of the caller before its own', () => {
    const payload = [{ scope: 'project:publish' }];
    const place = { path: 'roles[3].grants' };
    expect(errorOf(() => validateGrants(builtinPolicy, payload, place))).toMatchObject({
      path: 'roles[3].grants[0].scope',
    });
  });

  it('stores ten thousand selectors without comparing each with each', () => {
    const selectors = Array.from({ length: 10_000 }, (_, index) => ({
      resource_kind: 'project',
      resource_id: `p${index}`,
    }));
    expect(validateGrants(builtinPolicy, [{ scope: 'project:read', selectors }])).toHaveLength(
      10_000,
    );
  });
});

describe('inspectGrants', () => {
  it('reports every problem beside the rows that have none', () => {
    const selector = (id: string): Record<string, string> => ({
      resource_kind: 'project',
      resource_id: id,
    });
    const { grants, problems } = inspectGrants(builtinPolicy, [
      { scope: 'project:publish' },
      {
        scope: 'project:read',
        selectors: [selector('p1'), selector(''), { resource_kind: 'project' }],
      },
      { scope: 'org:read', effect: 'deny', selectors: [selector('p1')] },
    ]);
    expect(grants).toEqual([{ scope: 'project:read', effect: 'allow', selector: selector('p1') }]);
    expect(problems.map(({ details }) => [details.path, details.problem])).toEqual([
      ['grants[0].scope', 'unknown_scope'],
      ['grants[1].selectors[1].resource_id', 'not_text'],
      ['grants[1].selectors[2].resource_id', 'absent'],
      ['grants[2].effect', 'deny_refused'],
      ['grants[2].selectors[0].resource_kind', 'wrong_kind'],
    ]);
  });
});

describe('classifyStored', () => {
  const selector = { resource_kind: 'project', resource_id: 'p1' };

  it('finds a row that may be stored today valid', () => {
    const row = { scope: 'project:read', effect: 'deny', selector } as const;
    expect(classifyStored(builtinPolicy, row)).toBe('valid');
  });

  it('says what is wrong with a row that may not, allow or deny', () => {
    for (const effect of ['allow', 'deny'] as const) {
      expect(classifyStored(builtinPolicy, { scope: 'project:publish', effect, selector })).toEqual(
        {
          problem: 'unknown_scope',
          path: 'scope',
          value: 'project:publish',
          message: 'unknown scope `project:publish` at scope',
        },
      );
    }
  });

  it('does not let the internal scope in as a stored row', () => {
    const row = {
      scope: 'root',
      effect: 'allow',
      selector: { resource_kind: '*', resource_id: '*' },
    };
    expect(classifyStored(builtinPolicy, { ...row, effect: 'allow' })).toMatchObject({
      problem: 'internal_scope',
    });
  });
});
