import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openRoom } from '../../test/roles/room.ts';
import { createAccess } from '../access/index.ts';
import {
  createGrants,
  deleteRole,
  type ImportDocument,
  importOrganization,
  listRoles,
  setEnforcement,
  updateRole,
} from '../roles/index.ts';
import { DecisionLog, reportShadow, type ShadowedDecision } from './index.ts';

const test = await createTestDatabase();
const log = new DecisionLog({ db: test.db });
const access = createAccess({ database: test.database, policy: builtinPolicy, recorder: log });
afterAll(async () => {
  await access.close();
  await log.close();
  await test.close();
});

async function reportOf(organizationId: string): Promise<readonly ShadowedDecision[]> {
  await log.flush();
  const all: ShadowedDecision[] = [];
  let cursor: string | null = null;
  do {
    const page = await reportShadow(test.db, access, organizationId, { limit: 1_000, cursor });
    all.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

const apj = new URL('../../../../examples/data/apj.json.gz', import.meta.url);
const document = JSON.parse(gunzipSync(readFileSync(apj)).toString()) as {
  readonly [Key in keyof ImportDocument]-?: NonNullable<ImportDocument[Key]>;
};

/** Which projects the roles of each member name, leaving some roles out. */
function cellsWithout(gone: ReadonlySet<string>): ReadonlySet<string> {
  const projects = new Map(
    document.roles.map(({ key, grants }) => [
      key,
      grants.flatMap(({ selectors = [] }) => selectors.map((one) => one['resource_id'])),
    ]),
  );
  return new Set(
    document.members.flatMap(({ id, roles }) =>
      roles
        .filter((key) => !gone.has(key))
        .flatMap((key) => (projects.get(key) ?? []).map((project) => `user:${id} ${project}`)),
    ),
  );
}

describe('the report of what shadow let pass', () => {
  it('is exactly the cells that are lost when a tenth of the roles of a real company is removed', async () => {
    const room = await openRoom(test.db, { enforcement: 'off', id: 'apj' });
    await room.perform(importOrganization, document);
    // Whoever is left without a role becomes a member, and members of this company see no project by that.
    const grants = [{ scope: 'org:read' }];
    await room.perform(updateRole, { roleId: room.memberRoleId, grants });
    const gone = new Set(document.roles.filter((_, n) => n % 10 === 0).map(({ key }) => key));
    const names = new Set(document.roles.filter(({ key }) => gone.has(key)).map((r) => r.name));
    const { data: roles } = await listRoles(test.db, room.id, { limit: 1_000 });
    const doomed = roles.filter(({ name }) => names.has(name));
    expect(doomed).toHaveLength(gone.size);
    for (const { id } of doomed) await room.perform(deleteRole, { roleId: id });
    await room.perform(setEnforcement, { state: 'shadow' });

    // The company goes on working as before: it opens what it could open, and shadow lets everything pass.
    const before = cellsWithout(new Set());
    for (const [index, cell] of [...before].entries()) {
      const [user = '', project = ''] = cell.split(' ');
      const handle = await access.principal(room.id, user);
      if (index % 2 === 0) expect(handle.can('project:read', project)).toBe(true);
      else expect(handle.filter('project:read', [project])).toEqual([project]);
    }
    const after = cellsWithout(gone);
    const lost = [...before].filter((cell) => !after.has(cell)).sort();
    expect(lost.length).toBeGreaterThan(100);
    const report = await reportOf(room.id);
    expect(report.map((one) => `${one.principal} ${one.resourceId}`).sort()).toEqual(lost);
    for (const { resourceId: resource_id, count, now, missing } of report) {
      expect({ count, now }).toEqual({ count: 1, now: 'denied' });
      const selector = { resource_kind: 'project', resource_id };
      expect(missing).toEqual({ scope: 'project:read', effect: 'allow', selector });
    }
  }, 120_000);

  it('names the smallest grant, and says that nothing is missing once it was given', async () => {
    const room = await openRoom(test.db, { enforcement: 'shadow' });
    const { userId } = await room.add('ann');
    const principal = `user:${userId ?? ''}` as const;
    const handle = await access.principal(room.id, principal);
    handle.require('mcp:write', 'crm', { tool: 'search' });
    handle.require('mcp:write', 'crm', { tool: 'search' });
    const [asked] = await reportOf(room.id);
    expect(asked).toMatchObject({
      principal,
      scope: 'mcp:write',
      resourceId: 'crm',
      dimensions: { tool: 'search' },
      reason: 'scope_unsatisfied',
      count: 2,
      now: 'denied',
      advice: `give \`${principal}\`, or a role that they hold, \`mcp:write\` at \`crm\``,
    });
    const { scope = '', selector = {} } = asked?.missing ?? {};
    await room.perform(createGrants, { principal, grants: [{ scope, selectors: [selector] }] });
    expect(await reportOf(room.id)).toMatchObject([
      { now: 'allowed', advice: 'nothing: it is allowed by now' },
    ]);
  });

  it('says what to do about a deny, and about somebody who is no member', async () => {
    const room = await openRoom(test.db, { enforcement: 'shadow' });
    const { userId } = await room.add('bob');
    const principal = `user:${userId ?? ''}` as const;
    const deny = { scope: 'project:read', effect: 'deny' } as const;
    await room.perform(createGrants, { principal, grants: [deny] });
    (await access.principal(room.id, principal)).require('project:read', 'p1');
    (await access.principal(room.id, 'user:stranger')).require('project:read', 'p1');
    const advice = (await reportOf(room.id)).map((one) => [one.reason, one.advice]);
    expect(Object.fromEntries(advice)).toEqual({
      deny_matched: `take the deny of \`project:read\` away from \`${principal}\``,
      not_a_member: 'add `user:stranger` as a member',
    });
  });
});
