import { builtinPolicy, type Check } from '@rolecall/policy';
import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createAccess } from './access.ts';
import { type DecisionRecorder } from './decision-recorder.ts';

const test = await createTestDatabase();
const told: string[] = [];
const recorder: DecisionRecorder = {
  allowed: (_handle, _scope, id) => told.push(`allowed ${id}`),
  denied: (handle, scope, resource_id) => {
    const decision = handle.answerOf({ scope, resource_id });
    told.push(`denied ${resource_id} ${(decision.enforced ?? decision).reason}`);
  },
};
const access = createAccess({ database: test.database, policy: builtinPolicy, recorder });
afterAll(async () => {
  await access.close();
  await test.close();
});

async function setUp(enforcement: 'off' | 'shadow' | 'enforced') {
  const { id } = await buildOrganization(test.db, { enforcement });
  const role = await buildRole(test.db, id, { grants: [{ resourceId: 'p1' }] });
  const { userId } = await buildMember(test.db, id, { roleIds: [role.id] });
  const handle = await access.principal(id, `user:${userId}`);
  told.length = 0;
  return { id, handle };
}

const read = (resource_id: string): Check<'project:read'> => ({
  scope: 'project:read',
  resource_id,
});

function takeTold(): string[] {
  return told.splice(0);
}

describe.each(['unstarted', 'started'])('a recorder, on a node that is %s', (state) => {
  it('is told of what shadow lets pass and what would be allowed anyway', async () => {
    if (state === 'started') await access.start();
    const { handle } = await setUp('shadow');
    expect(handle.can('project:read', 'p2')).toBe(true);
    expect(takeTold()).toEqual(['denied p2 scope_unsatisfied']);
    handle.require('project:read', 'p3');
    handle.decide(read('p4'));
    expect(handle.filter('project:read', ['p1', 'p5'])).toEqual(['p1', 'p5']);
    handle.requireAny([read('p6'), read('p1')]);
    handle.requireAny([read('p7'), read('p8')]);
    expect(takeTold()).toEqual([
      'denied p3 scope_unsatisfied',
      'denied p4 scope_unsatisfied',
      'denied p5 scope_unsatisfied',
      'allowed p1',
      'denied p7 scope_unsatisfied',
      'denied p8 scope_unsatisfied',
    ]);
  });

  it('is told of denials once each, and not of what a filter leaves out', async () => {
    const { handle } = await setUp('enforced');
    expect(handle.can('project:read', 'p2')).toBe(false);
    expect(() => {
      handle.require('project:read', 'p3');
    }).toThrow();
    expect(handle.filter('project:read', ['p1', 'p5'])).toEqual(['p1']);
    expect(handle.decide(read('p1')).allowed).toBe(true);
    expect(takeTold()).toEqual([
      'denied p2 scope_unsatisfied',
      'denied p3 scope_unsatisfied',
      'allowed p1',
    ]);
  });

  it('is told that who is no member is denied, whatever shadow answers', async () => {
    for (const enforcement of ['shadow', 'enforced'] as const) {
      const { id } = await setUp(enforcement);
      const handle = await access.principal(id, 'user:nobody');
      expect(handle.can('project:read', 'p1')).toBe(enforcement === 'shadow');
      expect(takeTold()).toEqual(['denied p1 not_a_member']);
    }
  });

  it('is told nothing of explanations and invalid checks, or while enforcement is off', async () => {
    const { handle } = await setUp('shadow');
    handle.explain(read('p2'));
    expect(() => handle.can('project:read', '*')).toThrow();
    const { handle: off } = await setUp('off');
    off.can('project:read', 'p2');
    off.decide(read('p2'));
    expect(takeTold()).toEqual([]);
  });
});
