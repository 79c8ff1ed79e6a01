import { builtinPolicy, type Check, type Grant, type HeldGrant } from '@rolecall/policy';
import { query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reference } from '../../../policy/test/reference.ts';
import { createAccess } from '../../src/access/index.ts';
import { bindLegacy } from '../../src/bind-legacy.ts';
import { createRole, setMemberRoles } from '../../src/roles/index.ts';
import { openRoom, type Room } from '../roles/room.ts';
import { becomeDual } from './legacy-room.ts';

const LONG = process.env['ROLECALL_LONG'] === '1';

const test = await createTestDatabase();
const { db } = test;
const legacy = bindLegacy(db, builtinPolicy);
const access = createAccess({ database: test.database, policy: builtinPolicy });
afterAll(async () => {
  await access.close();
  await test.close();
});
beforeAll(() => becomeDual(db));

/** The slugs that grants are keyed by: two of own roles, two of global ones, and one of nobody's. */
const SLUGS = ['org-one', 'org-two', 'admin', 'member', 'nobody'] as const;
const ROLES = ['org-one', 'org-two', 'admin', 'member'] as const;
const SCOPES = ['project:read', 'project:write', 'mcp:connect', 'mcp:read', 'mcp:write'] as const;
const TOOLS = ['x', 'y'];

const grantArb = fc
  .record({
    scope: fc.constantFrom(...SCOPES),
    effect: fc.constantFrom('allow', 'allow', 'deny'),
    resource_id: fc.constantFrom('a', 'b', '*'),
    tool: fc.option(fc.constantFrom(...TOOLS), { nil: undefined }),
  })
  .map(({ scope, effect, resource_id, tool }): Grant => {
    const resource_kind = scope.slice(0, scope.indexOf(':'));
    const pins = tool === undefined || resource_kind !== 'mcp' ? {} : { tool };
    return { scope, effect, selector: { ...pins, resource_kind, resource_id } };
  });

const checks: readonly Check[] = SCOPES.flatMap((scope) =>
  ['a', 'b', 'c'].flatMap((resource_id): readonly Check[] => [
    { scope, resource_id },
    ...(scope.startsWith('mcp')
      ? TOOLS.map((tool): Check => ({ scope, resource_id, dimensions: { tool } }))
      : []),
  ]),
);

const situationArb = fc.record({
  byId: fc.array(fc.record({ role: fc.constantFrom(...ROLES), grant: grantArb }), { maxLength: 6 }),
  bySlug: fc.array(fc.record({ slug: fc.constantFrom(...SLUGS), grant: grantArb }), {
    maxLength: 10,
  }),
  held: fc.subarray([...ROLES], { minLength: 1 }),
});

async function store(
  table: 'grants' | 'legacy_grants',
  room: Room,
  holder: string,
  { scope, effect, selector }: Grant,
): Promise<void> {
  const dimensions = { ...('tool' in selector && { tool: selector['tool'] }) };
  await query(db, {
    text: `INSERT INTO rolecall.${table}
        (organization_id, ${table === 'grants' ? 'role_id' : 'slug'}, scope, effect, resource_id, dimensions)
      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
    values: [room.id, holder, scope, effect, selector.resource_id, JSON.stringify(dimensions)],
  });
}

/** An organization with the four roles, without any grants, and a member. */
async function emptyRoom(): Promise<{ room: Room; roleIds: ReadonlyMap<string, string> }> {
  const room = await openRoom(db);
  const roleIds = new Map<string, string>([
    ['admin', room.adminRoleId],
    ['member', room.memberRoleId],
  ]);
  for (const name of ['One', 'Two']) {
    const { value } = await room.perform(createRole, { name, grants: [], memberIds: [] });
    roleIds.set(value.slug, value.id);
  }
  await query(db, {
    text: 'DELETE FROM rolecall.grants WHERE organization_id = $1',
    values: [room.id],
  });
  await room.add('ann');
  return { room, roleIds };
}

async function answers(room: Room): Promise<readonly boolean[]> {
  const handle = await access.principal(room.id, 'user:ann', { consistency: { mode: 'strong' } });
  return checks.map((check) => handle.decide(check as never).allowed);
}

describe('INVARIANT (both keys): decisions with grants keyed by slugs', () => {
  it('are those of the reference with these mapped by the rule, before and after a backfill', async () => {
    await fc.assert(
      fc.asyncProperty(situationArb, async ({ byId, bySlug, held }) => {
        const { room, roleIds } = await emptyRoom();
        const idOf = (role: string): string => roleIds.get(role) ?? '';
        for (const { role, grant } of byId) await store('grants', room, idOf(role), grant);
        for (const { slug, grant } of bySlug) await store('legacy_grants', room, slug, grant);
        await room.perform(setMemberRoles, { userId: 'ann', roleIds: held.map(idOf) });
        const grants: HeldGrant[] = [
          ...byId
            .filter(({ role }) => held.includes(role))
            .map(({ role, grant }) => ({ principal: role, ...grant })),
          ...bySlug
            .filter(({ slug }) => slug !== 'nobody' && held.includes(slug))
            .map(({ slug, grant }) => ({ principal: slug, ...grant })),
        ];
        const expected = checks.map((check) => reference(builtinPolicy, grants, check).allowed);
        expect(await answers(room)).toEqual(expected);
        await legacy.backfill({ organizationId: room.id, batchSize: 3 });
        expect(await answers(room)).toEqual(expected);
        expect((await legacy.verify({ organizationId: room.id })).differences).toEqual([]);
      }),
      { numRuns: LONG ? 300 : 15 },
    );
  });
});
