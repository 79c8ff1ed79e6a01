import { expect, it } from 'vitest';
import { type Grant } from './grant.ts';
import { toGrantPayload } from './payload.ts';

const row = (scope: string, effect: 'allow' | 'deny', resource_id: string): Grant => ({
  scope,
  effect,
  selector: { resource_kind: 'project', resource_id },
});

it('groups rows by scope and effect, in the order met', () => {
  const rows = [
    row('project:write', 'allow', 'p1'),
    row('project:read', 'deny', 'p3'),
    row('project:write', 'allow', 'p2'),
    row('project:read', 'allow', 'p1'),
  ];
  expect(toGrantPayload(rows)).toEqual([
    {
      scope: 'project:write',
      effect: 'allow',
      selectors: [
        { resource_kind: 'project', resource_id: 'p1' },
        { resource_kind: 'project', resource_id: 'p2' },
      ],
    },
    {
      scope: 'project:read',
      effect: 'deny',
      selectors: [{ resource_kind: 'project', resource_id: 'p3' }],
    },
    {
      scope: 'project:read',
      effect: 'allow',
      selectors: [{ resource_kind: 'project', resource_id: 'p1' }],
    },
  ]);
});

it('leaves selectors out where a grant holds everywhere', () => {
  expect(toGrantPayload([row('project:read', 'allow', '*')])).toEqual([
    { scope: 'project:read', effect: 'allow' },
  ]);
});

it('spells the wildcard out where it stands beside other selectors', () => {
  const rows = [row('project:read', 'allow', '*'), row('project:read', 'allow', 'p1')];
  expect(toGrantPayload(rows)[0]?.selectors).toHaveLength(2);
});

it('makes nothing of no rows', () => {
  expect(toGrantPayload([])).toEqual([]);
});
