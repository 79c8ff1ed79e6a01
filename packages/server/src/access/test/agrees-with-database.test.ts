import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtinPolicy,
  decide,
  type Enforcement,
  type HeldGrant,
  type Membership,
} from '@rolecall/policy';
import {
  buildGrant,
  buildMember,
  buildOrganization,
  buildRole,
  createTestDatabase,
} from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { query, type Reader, type Tx } from '../../database/index.ts';
import { type Access, createAccess } from '../access.ts';
import { type Consistency } from '../consistency.ts';
import { readEpoch } from '../fixtures/read-epoch.ts';
import { replaceProjects, type What, writeDeciding } from '../fixtures/deciding-write.ts';
import { type ProxiedNode, startNodes, stopNodes } from '../fixtures/nodes.ts';
import { encodeRevision } from '../revision.ts';

/*
 * Random commands, and meanwhile random questions to nodes of every kind. Every answer names its
 * revision, and must be what the rows said at that revision, as the reference evaluator reads them.
 */
const LONG = process.env['ROLECALL_LONG'] === '1';
const COMMANDS = LONG ? 3_000 : 150;
const USERS = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6'];
const PROJECTS = ['p1', 'p2', 'p3', 'p4'];

const test = await createTestDatabase({ maxConnections: 16 });
const { db } = test;
afterAll(() => test.close());

let nodes: readonly ProxiedNode[];
beforeAll(async () => {
  const freshness = { boundMs: 60_000, pollIntervalMs: 10 };
  nodes = [
    ...(await startNodes(2, { test, freshness })),
    ...(await startNodes(1, { test, freshness, maxBytes: 9_000 })),
  ];
  for (const { proxy } of nodes) {
    proxy.announce(() => (Math.random() < 0.5 ? 'dropped' : Math.random() * 20));
  }
});
afterAll(() => stopNodes(nodes));

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)] as T;
const some = <T>(from: readonly T[]): T[] => from.filter(() => Math.random() < 0.4);

/** What each user may read, as the tables say it: one statement per table, and the reference evaluator. */
async function readTruth(reader: Reader, id: string): Promise<ReadonlyMap<string, string>> {
  const rows = <Row>(text: string) => query<Row>(reader, { text, values: [id] });
  const [state] = await rows<{ enforcement: Enforcement }>(
    'SELECT enforcement FROM rolecall.organization_state WHERE organization_id = $1',
  );
  const memberships = await rows<{
    id: string;
    user_id: string;
    status: Membership;
    gone: boolean;
  }>(
    `SELECT id, user_id, status, deleted_at IS NOT NULL AS gone FROM rolecall.memberships
       WHERE organization_id = $1 ORDER BY deleted_at DESC NULLS FIRST`,
  );
  const assignments = await rows<{ membership_id: string; role_id: string }>(
    'SELECT membership_id, role_id FROM rolecall.assignments WHERE organization_id = $1',
  );
  const grants = await rows<{
    role_id: string | null;
    membership_id: string | null;
    effect: 'allow' | 'deny';
    resource_id: string;
  }>(
    'SELECT role_id, membership_id, effect, resource_id FROM rolecall.grants WHERE organization_id = $1',
  );
  const truth = new Map<string, string>();
  for (const userId of USERS) {
    const membership = memberships.find((one) => one.user_id === userId);
    const roleIds = assignments
      .filter((one) => one.membership_id === membership?.id)
      .map((one) => one.role_id);
    const held: HeldGrant[] = grants
      .filter((grant) =>
        grant.role_id === null
          ? grant.membership_id === membership?.id
          : roleIds.includes(grant.role_id),
      )
      .map(({ effect, resource_id }) => ({
        principal: 'someone',
        scope: 'project:read',
        effect,
        selector: { resource_kind: 'project', resource_id },
      }));
    const standing = {
      membership:
        membership === undefined ? 'none' : membership.gone ? 'deleted' : membership.status,
      enforcement: state?.enforcement ?? 'enforced',
    } as const;
    const allowed = PROJECTS.filter(
      (resource_id) =>
        decide(builtinPolicy, standing, held, { scope: 'project:read', resource_id }).allowed,
    );
    truth.set(userId, `${standing.membership}: ${allowed.join(' ')}`);
  }
  return truth;
}

type Command = (tx: Tx) => Promise<unknown>;

it('every answer, in every mode, is what the rows said at the revision that it names', async () => {
  const { id } = await buildOrganization(db, { systemGrants: false });
  const roles: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    roles.push((await buildRole(db, id, { grants: [{ resourceId: pick(PROJECTS) }] })).id);
  }
  for (const userId of USERS.slice(0, 4))
    await buildMember(db, id, { userId, roleIds: some(roles) });

  const truths = new Map<string, ReadonlyMap<string, string>>();
  const epoch = await readEpoch(db);
  let token = encodeRevision({ organizationId: id, epoch, revision: 0 });
  truths.set(token, await readTruth(db, id));

  const run = (tx: Tx, text: string, ...values: unknown[]) =>
    query(tx, { text, values: [id, ...values] });
  const LIVE = 'organization_id = $1 AND user_id = $2 AND deleted_at IS NULL';
  const membershipOf = async (tx: Tx, userId: string): Promise<string | undefined> => {
    const rows = await run(tx, `SELECT id FROM rolecall.memberships WHERE ${LIVE}`, userId);
    return (rows as { id: string }[])[0]?.id;
  };
  const clear = async (tx: Tx, membershipId: string) => {
    for (const table of ['assignments', 'grants']) {
      const where = 'organization_id = $1 AND membership_id = $2';
      await run(tx, `DELETE FROM rolecall.${table} WHERE ${where}`, membershipId);
    }
  };
  const commands: (() => readonly [What, Command])[] = [
    () => {
      const userId = pick(USERS);
      const held = some(roles);
      return [
        { users: [userId] },
        async (tx) => {
          const membershipId = await membershipOf(tx, userId);
          if (membershipId === undefined) return;
          await run(
            tx,
            `DELETE FROM rolecall.assignments WHERE organization_id = $1 AND membership_id = $2`,
            membershipId,
          );
          await run(
            tx,
            `INSERT INTO rolecall.assignments (organization_id, membership_id, role_id, joined_at)
              SELECT organization_id, id, role_id, joined_at FROM rolecall.memberships, unnest($3::uuid[]) AS role_id
                WHERE organization_id = $1 AND id = $2`,
            membershipId,
            held,
          );
        },
      ];
    },
    () => {
      const roleId = pick(roles);
      return [{ roles: [roleId] }, (tx) => replaceProjects(tx, id, roleId, some(PROJECTS))];
    },
    () => {
      const userId = pick(USERS);
      const status = pick(['active', 'active', 'inactive', 'pending']);
      return [
        { users: [userId] },
        (tx) =>
          run(tx, `UPDATE rolecall.memberships SET status = $3 WHERE ${LIVE}`, userId, status),
      ];
    },
    () => {
      const userId = pick(USERS);
      return [
        { users: [userId] },
        async (tx) => {
          const membershipId = await membershipOf(tx, userId);
          if (membershipId === undefined) {
            await buildMember(tx, id, { userId, roleIds: some(roles) });
          } else {
            await clear(tx, membershipId);
            await run(
              tx,
              `UPDATE rolecall.memberships SET deleted_at = clock_timestamp() WHERE ${LIVE}`,
              userId,
            );
          }
        },
      ];
    },
    () => {
      const userId = pick(USERS);
      const effect = pick(['allow', 'deny'] as const);
      const resourceId = pick([...PROJECTS, '*']);
      return [
        { users: [userId] },
        async (tx) => {
          const membershipId = await membershipOf(tx, userId);
          if (membershipId === undefined) return;
          await run(
            tx,
            'DELETE FROM rolecall.grants WHERE organization_id = $1 AND membership_id = $2',
            membershipId,
          );
          if (Math.random() < 0.6) await buildGrant(tx, id, { membershipId, effect, resourceId });
        },
      ];
    },
    () => {
      const enforcement = pick(['off', 'shadow', 'enforced', 'enforced', 'enforced']);
      return [
        { organization: true },
        (tx) =>
          run(
            tx,
            'UPDATE rolecall.organization_state SET enforcement = $2 WHERE organization_id = $1',
            enforcement,
          ),
      ];
    },
    () => {
      // A role goes, and another one comes in its place.
      const [gone = ''] = roles.splice(Math.floor(Math.random() * roles.length), 1);
      const users: string[] = [];
      return [
        { roles: [gone], users },
        async (tx) => {
          const left = (await run(
            tx,
            `DELETE FROM rolecall.assignments a USING rolecall.memberships m
              WHERE a.organization_id = $1 AND a.role_id = $2 AND m.organization_id = $1 AND m.id = a.membership_id
              RETURNING m.user_id`,
            gone,
          )) as { user_id: string }[];
          users.push(...left.map(({ user_id }) => user_id));
          await run(
            tx,
            'UPDATE rolecall.roles SET deleted_at = now() WHERE organization_id = $1 AND id = $2',
            gone,
          );
          roles.push((await buildRole(tx, id, { grants: [{ resourceId: pick(PROJECTS) }] })).id);
        },
      ];
    },
    () => [{}, () => Promise.resolve()],
  ];

  let writing = true;
  let asked = 0;
  const wrong: unknown[] = [];
  const ask = async (access: Access, node: string): Promise<void> => {
    while (writing || asked < COMMANDS) {
      const userId = pick(USERS);
      const modes: Consistency[] = [
        { mode: 'cached' },
        { mode: 'cached' },
        { mode: 'at_least', revision: token },
        { mode: 'strong' },
      ];
      const consistency = pick(modes);
      const handle = await access.principal(id, `user:${userId}`, { consistency });
      const allowed = handle.filter('project:read', PROJECTS);
      const answer = `${handle.standing.membership}: ${allowed.join(' ')}`;
      const truth = truths.get(handle.revision)?.get(userId);
      if (truth !== answer) wrong.push({ node, consistency, userId, answer, truth });
      asked += 1;
      await sleep(Math.random() * 2);
    }
  };
  const cold = createAccess<string>({ database: test.database, policy: builtinPolicy });
  const asking = [
    ask(cold, 'cold'),
    ...nodes.flatMap(({ access }, n) => [ask(access, `node ${n}`), ask(access, `node ${n}`)]),
  ];
  for (let n = 1; n <= COMMANDS; n += 1) {
    const [what, work] = pick(commands)();
    const next = encodeRevision({ organizationId: id, epoch, revision: n });
    token = await writeDeciding(db, {
      organizationId: id,
      what,
      work: async (tx) => {
        await work(tx);
        truths.set(next, await readTruth(tx, id));
      },
    });
    expect(token).toBe(next);
  }
  writing = false;
  await Promise.all(asking);
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThanOrEqual(COMMANDS);
});
