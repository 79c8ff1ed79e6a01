import {
  builtinPolicy,
  decide,
  type Dimensions,
  type Enforcement,
  type HeldGrant,
} from '@rolecall/policy';
import {
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  createTestDatabase,
} from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { createAccess } from './access.ts';

const test = await createTestDatabase();
afterAll(() => test.close());
const { db } = test;
const access = createAccess<string>({ database: test.database, policy: builtinPolicy });

const RUNS = process.env['ROLECALL_LONG'] === '1' ? 500 : 25;
const ids = ['a', 'b', 'c', 'd'];
const resource = fc.constantFrom(...ids, '*');
const tool = fc.option(fc.constantFrom('t1', 't2'), { nil: undefined });
const disposition = fc.option(fc.constantFrom('read_only', 'destructive'), { nil: undefined });
const effect = fc.constantFrom('allow', 'allow', 'deny');
const grant = fc.oneof(
  fc.record({
    scope: fc.constantFrom('project:read', 'project:write'),
    effect,
    resourceId: resource,
    dimensions: fc.constant({}),
  }),
  fc.record({
    scope: fc.constantFrom('mcp:connect', 'mcp:read', 'mcp:write'),
    effect,
    resourceId: resource,
    dimensions: fc.record({ tool, disposition }).map(withoutAbsent),
  }),
);
const unique = fc.uniqueArray(grant, { selector: (g) => JSON.stringify(g), maxLength: 6 });
const question = fc.oneof(
  fc.record({
    scope: fc.constantFrom('project:read', 'project:write'),
    dimensions: fc.constant(undefined),
  }),
  fc.record({
    scope: fc.constantFrom('mcp:connect', 'mcp:read', 'mcp:write'),
    dimensions: fc.record({ tool, disposition }).map(withoutAbsent),
  }),
);

function withoutAbsent(values: Record<string, string | undefined>): Dimensions {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Dimensions;
}

/** What the tables say, read without any of the code under test. */
async function rowsOf(organizationId: string): Promise<HeldGrant[]> {
  const rows = await query<{
    readonly scope: string;
    readonly effect: 'allow' | 'deny';
    readonly resource_id: string;
    readonly dimensions: Record<string, string>;
  }>(db, {
    text: 'SELECT scope, effect, resource_id, dimensions FROM rolecall.grants WHERE organization_id = $1',
    values: [organizationId],
  });
  return rows.map(({ scope, effect, resource_id, dimensions }) => ({
    principal: 'someone',
    scope,
    effect,
    selector: { resource_kind: scope.split(':')[0] ?? '', resource_id, ...dimensions },
  }));
}

it('INVARIANT (filter agrees with check): filter, checks one by one and the rows give one answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(unique, { maxLength: 3 }),
      unique,
      fc.array(question, { minLength: 1, maxLength: 6 }),
      fc.constantFrom<Enforcement>('off', 'shadow', 'enforced'),
      fc.constantFrom('active' as const, 'inactive' as const, 'pending' as const),
      async (roles, direct, questions, enforcement, status) => {
        const { id } = await buildOrganization(db, { systemGrants: false, enforcement });
        const roleIds: string[] = [];
        for (const grants of roles) roleIds.push((await buildRole(db, id, { grants })).id);
        const { userId, membershipId } = await buildMember(db, id, { roleIds, status });
        for (const plan of direct) await buildGrant(db, id, { ...plan, membershipId });
        const principal = `user:${userId}`;
        const handle = await access.principal(id, principal);
        const rows = await rowsOf(id);
        for (const { scope, dimensions } of questions) {
          const options = dimensions === undefined ? {} : { dimensions };
          const expected = ids.filter(
            (resource_id) =>
              decide<string>(builtinPolicy, { membership: status, enforcement }, rows, {
                scope,
                resource_id,
                ...options,
              }).allowed,
          );
          const request = { principal, scope, resourceIds: ids, ...options } as const;
          const checks = ids.map((resource_id) => ({ scope, resource_id, ...options }) as const);
          const { decisions } = await access.check(id, { principal, checks });
          expect((await access.filter(id, request)).resourceIds).toEqual(expected);
          expect(ids.filter((_, index) => decisions[index]?.allowed)).toEqual(expected);
          expect(ids.filter((one) => handle.can(scope, one, dimensions))).toEqual(expected);
          expect(handle.filter(scope, ids, dimensions)).toEqual(expected);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
