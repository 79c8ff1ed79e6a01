import { expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { builtinPolicy } from './builtin-policy.ts';
import { validateCheck, type Check } from './check.ts';

function refusal(check: Check, organizationId?: string): unknown {
  return errorOf(() => {
    validateCheck(builtinPolicy, check, organizationId);
  });
}

it('says what is wrong, in which place, with the value found there', () => {
  expect(refusal({ scope: 'project:raed', resource_id: 'p1' })).toEqual({
    code: 'invalid_check',
    problem: 'unknown_scope',
    path: 'scope',
    value: 'project:raed',
    message: 'unknown scope `project:raed` at scope',
  });
  const dimensions = { disposition: 'harmless' };
  expect(refusal({ scope: 'mcp:read', resource_id: 's1', dimensions })).toEqual({
    code: 'invalid_check',
    problem: 'unknown_value',
    path: 'dimensions.disposition',
    value: 'harmless',
    message: '`harmless` is not a value of `disposition` at dimensions.disposition',
  });
  expect(refusal({ scope: 'environment:read', resource_id: 'e1' })).toEqual({
    code: 'invalid_check',
    problem: 'absent_dimension',
    path: 'dimensions.project_id',
    message: 'a check of `environment:read` needs `project_id` at dimensions.project_id',
  });
  expect(refusal({ scope: 'org:read', resource_id: 'globex' }, 'acme')).toEqual({
    code: 'invalid_check',
    problem: 'not_the_organization',
    path: 'resource_id',
    value: 'globex',
    message: '`globex` is not `acme`, the only resource of kind `org` at resource_id',
  });
});

it.each([undefined, null, 7, {}, ['p1']])(
  'refuses %j as resource id, whatever the types said',
  (id) => {
    expect(refusal({ scope: 'project:read', resource_id: id as string })).toMatchObject({
      problem: 'not_concrete',
      path: 'resource_id',
    });
  },
);

it.each([undefined, null, 7, ['t']])('refuses %j as value of a dimension', (value) => {
  const dimensions = { tool: value as unknown as string };
  expect(refusal({ scope: 'mcp:read', resource_id: 's1', dimensions })).toMatchObject({
    problem: 'unknown_value',
    path: 'dimensions.tool',
  });
});

it('takes what every object inherits for no dimension', () => {
  const bare = Object.create(null) as Record<string, string>;
  for (const dimensions of [{}, bare]) {
    const check = { scope: 'mcp:read', resource_id: 's1', dimensions };
    expect(() => {
      validateCheck(builtinPolicy, check);
    }).not.toThrow();
  }
});

it('takes a prototype that comes from JSON for the unknown dimension it is', () => {
  const dimensions = JSON.parse('{"__proto__": "x"}') as Record<string, string>;
  expect(refusal({ scope: 'mcp:read', resource_id: 's1', dimensions })).toMatchObject({
    problem: 'unknown_dimension',
    path: 'dimensions.__proto__',
  });
});

it('accepts any organization while it does not know which one this is', () => {
  expect(() => {
    validateCheck(builtinPolicy, { scope: 'org:read', resource_id: 'globex' });
  }).not.toThrow();
});
