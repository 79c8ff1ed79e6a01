import { builtinPolicy } from '@rolecall/policy';
import { buildMember, buildOrganization } from '@rolecall/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { decodeRevision, encodeRevision } from '../../src/access/index.ts';
import { type ProxiedNode, startNodes, stopNodes } from '../../src/access/fixtures/nodes.ts';
import { createApp } from '../../src/http/index.ts';
import { startApi } from './api.ts';

/*
 * One process writes, another one answers from memory and hears of nothing: no announcement reaches it, and it
 * does not poll while a test runs. What a question asks for is all that can make it look.
 */
const DEAF = { boundMs: 3_600_000, pollIntervalMs: 1_800_000 };
const api = await startApi();
afterAll(() => api.close());
const { test } = api;

let running: readonly ProxiedNode[] = [];
afterEach(async () => {
  await stopNodes(running);
  running = [];
});

interface Consistency {
  readonly mode: string;
  readonly revision?: string;
}

interface Said {
  readonly status: number;
  readonly allowed?: boolean;
  readonly revision?: string;
  readonly code?: string;
  readonly problems?: readonly { readonly path: string }[];
}

async function setUp() {
  running = await startNodes(1, { test, freshness: DEAF });
  const [node] = running;
  if (node === undefined) throw new Error('no node was started');
  node.proxy.announce(() => 'dropped');
  const app = createApp({ database: test.database, access: node.access, policy: builtinPolicy });
  const org = await buildOrganization(test.db);
  const { userId } = await buildMember(test.db, org.id, { roleIds: [org.memberRoleId] });
  const principal = `user:${userId}`;
  const send = async (route: string, body: object): Promise<Said> => {
    const answer = await app.request(`/v1/organizations/${org.id}/${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.key.secret}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
    return { ...((await answer.json()) as Omit<Said, 'status'>), status: answer.status };
  };
  const checks = [{ scope: 'project:read', resource_id: 'p1' }];
  const ask = (consistency?: Consistency) => send('check', { principal, checks, consistency });
  const filter = async (consistency?: Consistency): Promise<number> => {
    const ids = { principal, scope: 'project:read', resource_ids: ['p1'], consistency };
    const said = (await send('filter', ids)) as Said & { resource_ids: readonly string[] };
    return said.resource_ids.length;
  };
  /** Takes away what the member may read, over the API of the other process; the token of the write. */
  const revoke = async (): Promise<string> => {
    const params = { org: org.id };
    const selectors = [{ resource_kind: 'project', resource_id: '*' }];
    const deny = { scope: 'project:read', effect: 'deny' as const, selectors };
    const write = await api.ok('createGrants', { params, body: { principal, grants: [deny] } });
    return write.headers.get('rolecall-revision') ?? '';
  };
  return { org, ask, filter, revoke, access: node.access };
}

describe('a question to a process that answers from memory and is behind', () => {
  it('is answered from memory when nothing else is asked for, so the tests below can fail', async () => {
    const { ask, filter, revoke, access } = await setUp();
    expect(await ask()).toMatchObject({ status: 200, allowed: true });
    await revoke();
    expect(await ask()).toMatchObject({ status: 200, allowed: true });
    expect(await ask({ mode: 'cached' })).toMatchObject({ allowed: true });
    expect(await filter()).toBe(1);
    expect(access.report().memory).toMatchObject({ loads: 1, readThroughs: 0 });
  });

  it('is answered as of the write whose revision it names, and all that come after it are', async () => {
    const { ask, filter, revoke, access } = await setUp();
    await ask();
    const revision = await revoke();
    const at = { mode: 'at_least', revision };
    expect(await ask(at)).toMatchObject({ status: 200, allowed: false, revision });
    expect(await filter(at)).toBe(0);
    expect(await ask()).toMatchObject({ allowed: false, revision });
    const { loads } = access.report().memory;
    expect(await ask(at)).toMatchObject({ allowed: false });
    expect(access.report().memory).toMatchObject({ loads, readThroughs: 0 });
  });

  it('is answered from memory when that has the revision, or a later one', async () => {
    const { ask, revoke, access } = await setUp();
    const { revision = '' } = await ask();
    const { loads } = access.report().memory;
    await revoke();
    expect(await ask({ mode: 'at_least', revision })).toMatchObject({ allowed: true, revision });
    expect(access.report().memory.loads).toBe(loads);
  });

  it('is answered from the database when it asks for that', async () => {
    const { ask, filter, revoke } = await setUp();
    await ask();
    const revision = await revoke();
    expect(await ask({ mode: 'strong' })).toMatchObject({ allowed: false, revision });
    expect(await filter({ mode: 'strong' })).toBe(0);
  });

  it('is refused when the database has not reached the revision, or has another history', async () => {
    const { ask } = await setUp();
    const { revision = '' } = await ask();
    const token = decodeRevision(revision);
    const refused = { status: 409, code: 'revision_unknown' };
    const later = encodeRevision({ ...token, revision: token.revision + 1 });
    expect(await ask({ mode: 'at_least', revision: later })).toMatchObject(refused);
    const epoch = '00000000-0000-4000-8000-000000000000';
    const other = encodeRevision({ ...token, epoch });
    expect(await ask({ mode: 'at_least', revision: other })).toMatchObject(refused);
    expect(await ask()).toMatchObject({ status: 200, allowed: true });
  });

  it('is refused when its revision is none, is missing, or is of another organization', async () => {
    const { ask } = await setUp();
    const { revision = '' } = await ask();
    const elsewhere = encodeRevision({ ...decodeRevision(revision), organizationId: 'elsewhere' });
    for (const named of ['nonsense', elsewhere, undefined]) {
      const consistency = { mode: 'at_least', ...(named !== undefined && { revision: named }) };
      expect(await ask(consistency)).toMatchObject({
        status: 400,
        code: 'invalid_request',
        problems: [{ path: 'consistency.revision' }],
      });
    }
    expect(await ask({ mode: 'mostly' })).toMatchObject({
      status: 400,
      problems: [{ path: 'consistency.mode' }],
    });
  });
});
