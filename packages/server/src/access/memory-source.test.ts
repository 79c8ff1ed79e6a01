import { builtinPolicy } from '@rolecall/policy';
import {
  buildApiKey,
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  createTestDatabase,
} from '@rolecall/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { query } from '../database/index.ts';
import { createAccess, type Access } from './access.ts';
import { readEpoch } from './fixtures/read-epoch.ts';
import { assignRole, revokeRole, setProjects, writeDeciding } from './fixtures/deciding-write.ts';
import { encodeRevision } from './revision.ts';

const test = await createTestDatabase({ maxConnections: 10 });
afterAll(() => test.close());
const { db, database } = test;

const nodes: Access[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.close();
});

/** A node that polls rarely, so that what it knows comes from what it is told. */
async function startNode(
  freshness: { readonly boundMs?: number; readonly pollIntervalMs?: number } = {},
  maxBytes?: number,
): Promise<Access> {
  const node = createAccess({
    database,
    policy: builtinPolicy,
    freshness: { boundMs: 60_000, pollIntervalMs: 30_000, ...freshness },
    ...(maxBytes !== undefined && { memory: { maxBytes } }),
  });
  nodes.push(node);
  await node.start();
  return node;
}

async function buildTeam() {
  const { id } = await buildOrganization(db, { systemGrants: false });
  const role = await buildRole(db, id, { grants: [{ resourceId: 'p1' }] });
  const alice = await buildMember(db, id, { roleIds: [role.id] });
  const bob = await buildMember(db, id, { roleIds: [role.id] });
  return {
    id,
    role,
    alice: `user:${alice.userId}`,
    bob: `user:${bob.userId}`,
    aliceId: alice.userId,
  };
}

describe('a node that was started', () => {
  it('answers from memory what it has loaded once', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    for (let call = 0; call < 3; call += 1) {
      expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
    }
    const { memory } = node.report();
    expect(memory).toMatchObject({ hits: 2, loads: 1, organizations: 1, principals: 1, roles: 1 });
  });

  it('loads a further member of a known organization without its roles', async () => {
    const node = await startNode();
    const { id, alice, bob } = await buildTeam();
    await node.principal(id, alice);
    expect((await node.principal(id, bob)).can('project:read', 'p1')).toBe(true);
    expect(node.report().memory).toMatchObject({ loads: 2, principals: 2, roles: 1 });
  });

  it('loads the roles that are missing, once', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    await node.principal(id, alice);
    const other = await buildRole(db, id, { grants: [{ resourceId: 'p2' }] });
    const members = await Promise.all(
      [1, 2, 3].map(() => buildMember(db, id, { roleIds: [other.id] })),
    );
    const handles = await Promise.all(
      members.map(({ userId }) => node.principal(id, `user:${userId}`)),
    );
    expect(handles.map((handle) => handle.can('project:read', 'p2'))).toEqual([true, true, true]);
    expect(node.report().memory).toMatchObject({ loads: 1 + 3 + 1, roles: 2 });
  });

  it('makes one load of many calls for one principal', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    await Promise.all(Array.from({ length: 50 }, () => node.principal(id, alice)));
    expect(node.report().memory.loads).toBe(1);
  });

  it('resolves API keys, with their own grants alone', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    const key = await buildApiKey(db, { organizationId: id });
    await buildGrant(db, id, { apiKeyId: key.id, resourceId: 'p9' });
    for (const first of [`api_key:${key.id}`, alice, `api_key:${key.id}`]) {
      const handle = await node.principal(id, first);
      expect(handle.can('project:read', 'p9')).toBe(first !== alice);
      expect(handle.explain({ scope: 'project:read', resource_id: 'p9' }).decision.allowed).toBe(
        first !== alice,
      );
    }
  });

  it('learns that a key was revoked', async () => {
    const node = await startNode();
    const { id } = await buildTeam();
    const key = await buildApiKey(db, { organizationId: id });
    await buildGrant(db, id, { apiKeyId: key.id, resourceId: 'p9' });
    const allowed = async () =>
      (await node.principal(id, `api_key:${key.id}`)).can('project:read', 'p9');
    expect(await allowed()).toBe(true);
    await writeDeciding(db, {
      organizationId: id,
      what: { api_keys: [key.id] },
      work: (tx) =>
        query(tx, {
          text: 'UPDATE rolecall.api_keys SET revoked_at = now() WHERE id = $1',
          values: [key.id],
        }),
    });
    await expect.poll(allowed, { interval: 5 }).toBe(false);
  });

  it('loads a role that was deleted for everybody as one that grants nothing', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    await node.principal(id, alice);
    const [global] = await query<{ readonly id: string }>(db, {
      text: `INSERT INTO rolecall.global_roles (slug, name, deleted_at) VALUES ('gone', 'Gone', now()) RETURNING id`,
    });
    const roleId = global?.id ?? '';
    await query(db, {
      text: `INSERT INTO rolecall.roles (organization_id, id, kind) VALUES ($1, $2, 'global')`,
      values: [id, roleId],
    });
    await buildGrant(db, id, { roleId, resourceId: 'p5' });
    const carol = await buildMember(db, id, { roleIds: [roleId] });
    for (let call = 0; call < 2; call += 1) {
      const handle = await node.principal(id, `user:${carol.userId}`);
      expect(handle.can('project:read', 'p5')).toBe(false);
    }
    expect(node.report().memory.loads).toBe(3);
  });

  it('refuses as a node that was not started does', async () => {
    const node = await startNode();
    const { id } = await buildTeam();
    await expect(node.principal('nowhere', 'user:x')).rejects.toMatchObject({
      code: 'organization_not_found',
    });
    await expect(node.principal(id, 'role:organization:x')).rejects.toMatchObject({
      code: 'invalid_principal',
    });
    expect((await node.principal(id, 'user:x')).standing.membership).toBe('none');
  });

  it('learns of a change by announcement, long before the next poll', async () => {
    const node = await startNode();
    const { id, alice, aliceId, role } = await buildTeam();
    const allowed = async () => (await node.principal(id, alice)).can('project:read', 'p1');
    expect(await allowed()).toBe(true);
    await revokeRole(db, id, { userId: aliceId, roleId: role.id });
    await expect.poll(allowed, { interval: 5, timeout: 2_000 }).toBe(false);
    await assignRole(db, id, { userId: aliceId, roleId: role.id });
    await expect.poll(allowed, { interval: 5, timeout: 2_000 }).toBe(true);
    expect(node.report().freshness).toMatchObject({ notifications: 'listening' });
  });

  it('loads again only what changed', async () => {
    const node = await startNode();
    const { id, alice, bob, role } = await buildTeam();
    const other = await buildRole(db, id, { grants: [{ resourceId: 'p2' }] });
    const carol = await buildMember(db, id, { roleIds: [other.id] });
    for (const one of [alice, bob, `user:${carol.userId}`]) await node.principal(id, one);
    const before = node.report().memory;
    await setProjects(db, id, { roleId: role.id, projects: ['p3'] });
    await expect.poll(() => node.report().memory.roles, { interval: 5 }).toBe(1);
    expect(node.report().memory).toMatchObject({ principals: 3, loads: before.loads });
    expect((await node.principal(id, alice)).can('project:read', 'p3')).toBe(true);
    expect((await node.principal(id, bob)).can('project:read', 'p1')).toBe(false);
    expect((await node.principal(id, `user:${carol.userId}`)).can('project:read', 'p2')).toBe(true);
    expect(node.report().memory.loads).toBe(before.loads + 1);
  });

  it('drops an organization when something about all of it changed', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    await node.principal(id, alice);
    await writeDeciding(db, {
      organizationId: id,
      what: { organization: true },
      work: (tx) =>
        query(tx, {
          text: `UPDATE rolecall.organization_state SET enforcement = 'off' WHERE organization_id = $1`,
          values: [id],
        }),
    });
    const waived = async () => (await node.principal(id, alice)).can('project:write', 'p7');
    await expect.poll(waived, { interval: 5 }).toBe(true);
  });

  it('drops an organization whose revision skips one', async () => {
    const node = await startNode();
    const { id, alice, aliceId, role } = await buildTeam();
    await node.principal(id, alice);
    // A revision without a row in `changes`, such as one that was deleted before it was seen.
    await query(db, {
      text: 'UPDATE rolecall.organization_state SET revision = revision + 1 WHERE organization_id = $1',
      values: [id],
    });
    await setProjects(db, id, { roleId: role.id, projects: ['p1'] });
    await expect.poll(() => node.report().memory.organizations, { interval: 5 }).toBe(0);
    await revokeRole(db, id, { userId: aliceId, roleId: role.id });
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(false);
  });

  it('forgets everything when the history of the database changes', async () => {
    const node = await startNode({ boundMs: 300, pollIntervalMs: 50 });
    const { id, alice } = await buildTeam();
    const { revision } = await node.principal(id, alice);
    await query(db, { text: 'UPDATE rolecall.environment SET epoch = gen_random_uuid()' });
    const old = { consistency: { mode: 'at_least', revision } } as const;
    await expect
      .poll(() => node.principal(id, alice, old).catch((error: unknown) => error), { interval: 20 })
      .toMatchObject({ code: 'revision_unknown' });
    expect((await node.principal(id, alice)).revision).not.toBe(revision);
  });

  it('reads the database again once it is closed', async () => {
    const node = await startNode();
    const { id, alice } = await buildTeam();
    await node.principal(id, alice);
    await node.close();
    await node.close();
    expect(node.report()).toMatchObject({ mode: 'database', memory: { organizations: 0 } });
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
  });
});

describe('consistency on a node that does not hear of changes', () => {
  const deaf = async () => {
    const node = await startNode();
    const team = await buildTeam();
    await node.principal(team.id, team.alice);
    await node.principal(team.id, team.bob);
    // Not announced, and the next poll is half a minute away.
    const token = await writeDeciding(db, {
      organizationId: team.id,
      what: { users: [team.aliceId] },
      announced: false,
      work: (tx) =>
        query(tx, {
          text: `UPDATE rolecall.memberships SET status = 'inactive' WHERE organization_id = $1 AND user_id = $2`,
          values: [team.id, team.aliceId],
        }),
    });
    return { node, token, ...team };
  };

  it('`cached` may be of the past, within the bound', async () => {
    const { node, id, alice } = await deaf();
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
  });

  it('`at_least` is not, and catches up with one small read', async () => {
    const { node, id, alice, bob, token } = await deaf();
    const { loads } = node.report().memory;
    const at = { consistency: { mode: 'at_least', revision: token } } as const;
    expect((await node.principal(id, bob, at)).revision).toBe(token);
    expect(node.report().memory.loads).toBe(loads + 1);
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(false);
    expect((await node.principal(id, bob)).revision).toBe(token);
  });

  it('`strong` is not', async () => {
    const { node, id, alice } = await deaf();
    const strong = { consistency: { mode: 'strong' } } as const;
    expect((await node.principal(id, alice, strong)).can('project:read', 'p1')).toBe(false);
  });

  it('a member loaded at a later revision takes the whole organization there', async () => {
    const { node, id, alice } = await deaf();
    const carol = await buildMember(db, id);
    await node.principal(id, `user:${carol.userId}`);
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(false);
  });

  it('a revision that the database has not reached is refused', async () => {
    const { node, id, alice } = await deaf();
    const epoch = await readEpoch(db);
    const revision = encodeRevision({ organizationId: id, epoch, revision: 1_000 });
    await expect(
      node.principal(id, alice, { consistency: { mode: 'at_least', revision } }),
    ).rejects.toMatchObject({ code: 'revision_unknown' });
  });
});

describe('a node with little memory', () => {
  it('answers just the same, and holds no more than it may', async () => {
    const node = await startNode({}, 20_000);
    const teams = await Promise.all(Array.from({ length: 8 }, () => buildTeam()));
    for (let round = 0; round < 3; round += 1) {
      for (const { id, alice, bob } of teams) {
        for (const one of [alice, bob]) {
          expect((await node.principal(id, one)).can('project:read', 'p1')).toBe(true);
        }
      }
      expect(node.report().memory.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(node.report().memory.evictions).toBeGreaterThan(10);
  });
});

describe('what this process has written itself', () => {
  /** A revocation that nothing announces, and that no poll finds for half a minute. */
  const revokeQuietly = (id: string, userId: string) =>
    writeDeciding(db, {
      organizationId: id,
      what: { users: [userId] },
      announced: false,
      work: (tx) =>
        query(tx, {
          text: `DELETE FROM rolecall.assignments a USING rolecall.memberships m
                   WHERE m.organization_id = $1 AND m.user_id = $2
                     AND a.organization_id = $1 AND a.membership_id = m.id`,
          values: [id, userId],
        }),
    });

  it('is in every answer from then on, without being announced', async () => {
    const node = await startNode();
    const { id, alice, aliceId } = await buildTeam();
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
    await revokeQuietly(id, aliceId);
    // Without being told the node cannot know, so what follows can fail.
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
    node.wrote({ organizationId: id, revision: 1 });
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(false);
    expect(node.report().memory.readThroughs).toBe(0);
  });

  it('is in the answer of a load that was sent before it', async () => {
    const node = await startNode();
    const { id, alice, bob, aliceId } = await buildTeam();
    const early = node.principal(id, alice);
    await revokeQuietly(id, aliceId);
    node.wrote({ organizationId: id, revision: 1 });
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(false);
    expect((await node.principal(id, bob)).can('project:read', 'p1')).toBe(true);
    await early;
  });
});

describe('a node that starts itself', () => {
  it('answers the first question from the database and later ones from memory', async () => {
    const node = createAccess({ database, policy: builtinPolicy, startsItself: true });
    nodes.push(node);
    expect(node.report().mode).toBe('database');
    const { id, alice } = await buildTeam();
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
    expect(node.report().mode).toBe('memory');
    await node.start();
    await node.principal(id, alice);
    await node.principal(id, alice);
    expect(node.report().memory).toMatchObject({ principals: 1 });
    expect(node.report().memory.hits).toBeGreaterThan(0);
  });

  it('does not begin again once it is closed', async () => {
    const node = createAccess({ database, policy: builtinPolicy, startsItself: true });
    await node.close();
    const { id, alice } = await buildTeam();
    expect((await node.principal(id, alice)).can('project:read', 'p1')).toBe(true);
    expect(node.report().mode).toBe('database');
  });
});
