import { expect, it } from 'vitest';
import { builtinPolicy } from './builtin-policy.ts';

it('declares these scopes, with these implications', () => {
  const implied = builtinPolicy.scopes.map(({ scope, implies }) => [scope, [...implies].sort()]);
  expect(Object.fromEntries(implied)).toEqual({
    'org:read': [],
    'org:admin': ['org:read'],
    'project:read': [],
    'project:write': ['project:read'],
    'mcp:connect': [],
    'mcp:read': ['mcp:connect'],
    'mcp:write': ['mcp:connect', 'mcp:read'],
    'environment:read': [],
    'environment:write': ['environment:read'],
  });
});

it('declares these dimensions', () => {
  const dimensions = builtinPolicy.kinds.map(({ kind, dimensions }) => [
    kind,
    dimensions.map(({ name, required, values }) => [name, required, values]),
  ]);
  expect(Object.fromEntries(dimensions)).toEqual({
    org: [],
    project: [],
    mcp: [
      ['tool', false, undefined],
      ['disposition', false, ['read_only', 'destructive', 'idempotent', 'open_world']],
      ['project_id', false, undefined],
    ],
    environment: [['project_id', true, undefined]],
  });
});

it('gives admin every scope, and member what reads', () => {
  const { admin, member } = builtinPolicy.system_roles;
  expect(admin).toEqual(builtinPolicy.scopes.map(({ scope }) => scope));
  expect(member).toEqual([
    'org:read',
    'project:read',
    'mcp:read',
    'mcp:connect',
    'environment:read',
  ]);
});

it('has one kind with one resource: the organization', () => {
  const single = builtinPolicy.kinds.filter((kind) => kind.single);
  expect(single.map(({ kind }) => kind)).toEqual(['org']);
});

it('describes every kind, action and dimension in words', () => {
  const described = [
    ...builtinPolicy.kinds,
    ...builtinPolicy.scopes,
    ...builtinPolicy.kinds.flatMap(({ dimensions }) => dimensions),
  ];
  expect(described.filter(({ description }) => description === undefined)).toEqual([]);
});
