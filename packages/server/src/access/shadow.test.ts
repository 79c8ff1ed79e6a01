import { builtinPolicy, type Check } from '@rolecall/policy';
import { buildMember, buildOrganization, buildRole, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createAccess } from './access.ts';
import { type ShadowDenial } from './shadow.ts';

const test = await createTestDatabase();
const told: ShadowDenial[] = [];
const access = createAccess({
  database: test.database,
  policy: builtinPolicy,
  onShadowDenial: (denial) => {
    told.push(denial);
    throw new Error('the recorder is broken');
  },
});
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
const toldAbout = () => told.map(({ check, reason }) => `${check.resource_id} ${reason}`);

describe.each(['unstarted', 'started'])('in shadow, on a node that is %s', (state) => {
  it('whatever would have been denied is allowed and recorded', async () => {
    if (state === 'started') await access.start();
    const { id, handle } = await setUp('shadow');
    expect(handle.can('project:read', 'p2')).toBe(true);
    expect(told).toEqual([
      {
        organizationId: id,
        principal: handle.principal,
        check: read('p2'),
        reason: 'scope_unsatisfied',
        revision: handle.revision,
      },
    ]);
    told.length = 0;
    handle.require('project:read', 'p3');
    handle.decide(read('p4'));
    expect(handle.filter('project:read', ['p1', 'p5'])).toEqual(['p1', 'p5']);
    handle.requireAny([read('p6'), read('p1')]);
    handle.requireAny([read('p7'), read('p8')]);
    expect(toldAbout()).toEqual(
      ['p3', 'p4', 'p5', 'p7', 'p8'].map((id) => `${id} scope_unsatisfied`),
    );
  });

  it('whatever is allowed anyway, and what is only explained, is not recorded', async () => {
    const { handle } = await setUp('shadow');
    expect(handle.can('project:read', 'p1')).toBe(true);
    handle.require('project:read', 'p1');
    handle.decide(read('p1'));
    handle.requireAny([read('p1')]);
    handle.explain(read('p2'));
    expect(told).toEqual([]);
  });

  it('nothing is recorded while enforcement is `off` or `enforced`', async () => {
    for (const enforcement of ['off', 'enforced'] as const) {
      const { handle } = await setUp(enforcement);
      handle.can('project:read', 'p2');
      handle.decide(read('p2'));
      expect(told).toEqual([]);
    }
  });
});
