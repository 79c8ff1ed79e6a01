import { expect, it } from 'vitest';
import { GrantPayloads, Selector } from './grants.ts';
import { limits } from './limits.ts';

const everywhere = { resource_kind: 'project', resource_id: '*' };

it('a selector may name the wildcard and dimensions', () => {
  expect(Selector.safeParse({ ...everywhere, tool: 'search' }).success).toBe(true);
});

it('a selector needs both resource keys', () => {
  expect(Selector.safeParse({ resource_kind: 'project' }).success).toBe(false);
  expect(Selector.safeParse({ resource_id: 'p1' }).success).toBe(false);
});

it('a selector has room for a column of PostgreSQL', () => {
  const dimensions = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [name, 'x'.repeat(250)]),
  );
  expect(Selector.safeParse({ ...everywhere, ...dimensions }).success).toBe(false);
});

it('the selectors of a role are limited all together', () => {
  const half = Array.from({ length: limits.selectorsPerRole / 2 }, () => everywhere);
  const twoHalves = [
    { scope: 'project:read', selectors: half },
    { scope: 'project:write', selectors: half },
  ];
  expect(GrantPayloads.safeParse(twoHalves).success).toBe(true);
  const result = GrantPayloads.safeParse([...twoHalves, { scope: 'project:read' }]);
  expect(result.error?.issues).toMatchObject([{ code: 'too_big', origin: 'array' }]);
});
