import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/error-of.ts';
import { definePolicy } from './define-policy.ts';
import { type KindInput, type PolicyDefinition } from './policy-definition.ts';
import { type Policy } from './scope.ts';

function withKind(kind: KindInput): Policy {
  const definition: PolicyDefinition = {
    kinds: { file: kind },
    system_roles: { admin: 'all', member: [] },
  };
  return definePolicy(definition);
}

function refusal(definition: PolicyDefinition): unknown {
  return errorOf(() => definePolicy(definition));
}

const NOBODY = { admin: 'all', member: [] } as const;

describe('definePolicy', () => {
  it('lists every scope in the order of the definition, with what it implies in the end', () => {
    const policy = withKind({
      actions: { own: { implies: ['edit'] }, edit: { implies: ['see'] }, see: {} },
    });
    expect(policy.scopes.map(({ scope, implies }) => [scope, [...implies].sort()])).toEqual([
      ['file:own', ['file:edit', 'file:see']],
      ['file:edit', ['file:see']],
      ['file:see', []],
    ]);
  });

  it('describes kinds, actions and dimensions for role editors', () => {
    const policy = withKind({
      description: 'A file',
      actions: { see: { description: 'Open it' } },
      dimensions: { format: { values: ['pdf', 'png'], description: 'How it is stored' } },
    });
    const dimensions = [
      { name: 'format', required: false, values: ['pdf', 'png'], description: 'How it is stored' },
    ];
    expect(policy.kinds).toEqual([
      { kind: 'file', single: false, dimensions, description: 'A file' },
    ]);
    expect(policy.scopes).toEqual([
      {
        scope: 'file:see',
        kind: 'file',
        action: 'see',
        implies: [],
        single: false,
        dimensions,
        description: 'Open it',
      },
    ]);
  });

  it('is plain data that survives JSON', () => {
    const { scopes } = withKind({ actions: { see: {}, edit: { implies: ['see'] } } });
    expect(JSON.parse(JSON.stringify(scopes))).toEqual(scopes);
  });

  it('gives the admin of `all` every scope, also those added later', () => {
    const policy = withKind({ actions: { see: {}, edit: {} } });
    expect(policy.system_roles).toEqual({ admin: ['file:see', 'file:edit'], member: [] });
  });

  it('cannot be changed afterwards, nor through the definition', () => {
    const values = ['pdf'];
    const policy = withKind({ actions: { see: {} }, dimensions: { format: { values } } });
    values.push('png');
    expect(policy.scopes[0]?.dimensions[0]?.values).toEqual(['pdf']);
    const parts = [
      policy,
      policy.scopes,
      policy.scopes[0],
      policy.scopes[0]?.implies,
      policy.scopes[0]?.dimensions,
      policy.scopes[0]?.dimensions[0],
      policy.scopes[0]?.dimensions[0]?.values,
      policy.kinds,
      policy.system_roles,
      policy.system_roles.admin,
    ];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });

  it('keeps names that objects inherit apart from what they inherit', () => {
    const policy = withKind({
      actions: Object.fromEntries([['__proto__', {}]]),
      dimensions: Object.fromEntries([['__proto__', { values: ['x'] }]]),
    });
    expect(policy.scopes.map(({ scope }) => scope)).toEqual(['file:__proto__']);
    expect(policy.kinds[0]?.dimensions.map(({ name }) => name)).toEqual(['__proto__']);
    expect(policy.byName.has('file:constructor')).toBe(false);
  });

  it('refuses a cycle of implications, however long', () => {
    const actions = { a: { implies: ['b'] }, b: { implies: ['c'] }, c: { implies: ['a'] } };
    expect(refusal({ kinds: { file: { actions } }, system_roles: NOBODY })).toEqual({
      code: 'invalid_policy',
      problem: 'implication_cycle',
      path: 'kinds.file.actions.a.implies',
      value: 'a',
      message: '`a` implies itself at kinds.file.actions.a.implies',
    });
  });

  it('refuses an action that implies itself', () => {
    const kinds = { file: { actions: { a: { implies: ['a'] } } } };
    expect(refusal({ kinds, system_roles: NOBODY })).toMatchObject({
      problem: 'implication_cycle',
    });
  });

  it('refuses to imply an action that the kind does not have', () => {
    const kinds = {
      file: { actions: { see: { implies: ['open'] } } },
      door: { actions: { open: {} } },
    };
    expect(refusal({ kinds, system_roles: NOBODY })).toEqual({
      code: 'invalid_policy',
      problem: 'unknown_action',
      path: 'kinds.file.actions.see.implies',
      value: 'open',
      message: 'unknown action `open` at kinds.file.actions.see.implies',
    });
  });

  it.each<[string, unknown, string]>([
    ['the policy', undefined, 'policy'],
    ['its roles', { kinds: {} }, 'system_roles'],
    ['its kinds', { system_roles: NOBODY }, 'kinds'],
    ['a kind', { kinds: { file: null }, system_roles: NOBODY }, 'kinds.file'],
    ['its actions', { kinds: { file: {} }, system_roles: NOBODY }, 'kinds.file.actions'],
  ])('refuses a definition that lacks %s', (_what, definition, path) => {
    expect(refusal(definition as PolicyDefinition)).toMatchObject({
      code: 'invalid_policy',
      problem: 'not_an_object',
      path,
    });
  });

  it('refuses a key that nobody reads, which types do not find', () => {
    const dimensions = { format: { values: ['pdf'], requierd: true } };
    const kinds = { file: { actions: { see: {} }, dimensions } };
    expect(refusal({ kinds, system_roles: NOBODY })).toEqual({
      code: 'invalid_policy',
      problem: 'unknown_key',
      path: 'kinds.file.dimensions.format',
      value: 'requierd',
      message: 'unknown key `requierd` at kinds.file.dimensions.format',
    });
  });

  it('refuses a kind without actions', () => {
    expect(refusal({ kinds: { file: { actions: {} } }, system_roles: NOBODY })).toEqual({
      code: 'invalid_policy',
      problem: 'no_actions',
      path: 'kinds.file.actions',
      message: 'kind `file` declares no actions at kinds.file.actions',
    });
  });

  it.each(['', 'a:b', '*', 'a b', 'a.b', '1st', 'é'])('refuses the name `%s`', (name) => {
    const see = { actions: { see: {} } };
    const asKind = { [name]: see };
    const asAction = { file: { actions: { [name]: {} } } };
    const asDimension = { file: { ...see, dimensions: { [name]: {} } } };
    for (const kinds of [asKind, asAction, asDimension]) {
      expect(refusal({ kinds, system_roles: NOBODY })).toMatchObject({
        code: 'invalid_policy',
        problem: 'malformed_name',
        value: name,
      });
    }
  });

  it.each(['resource_kind', 'resource_id'])('refuses a dimension named `%s`', (name) => {
    const kinds = { file: { actions: { see: {} }, dimensions: { [name]: {} } } };
    expect(refusal({ kinds, system_roles: NOBODY })).toMatchObject({ problem: 'reserved_name' });
  });

  it.each(['', '*'])('refuses the declared value `%s`', (value) => {
    const kinds = { file: { actions: { see: {} }, dimensions: { format: { values: [value] } } } };
    expect(refusal({ kinds, system_roles: NOBODY })).toMatchObject({ problem: 'malformed_value' });
  });

  it('refuses a system role with a scope that is not declared', () => {
    const kinds = { file: { actions: { see: {} } } };
    expect(refusal({ kinds, system_roles: { admin: 'all', member: ['file:open'] } })).toEqual({
      code: 'invalid_policy',
      problem: 'unknown_scope',
      path: 'system_roles.member',
      value: 'file:open',
      message: 'unknown scope `file:open` at system_roles.member',
    });
  });

  it('refuses the internal scope in a system role', () => {
    const kinds = { file: { actions: { see: {} } } };
    expect(refusal({ kinds, system_roles: { admin: ['root'], member: [] } })).toMatchObject({
      problem: 'unknown_scope',
    });
  });
});
