import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { type ApiKeyPlan, buildApiKey, buildMember, buildOrganization } from '@rolecall/testkit';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type FreshnessOptions } from '../../src/access/index.ts';
import { startNodes, stopNodes, type ProxiedNode } from '../../src/access/fixtures/nodes.ts';
import { query } from '../../src/database/index.ts';
import { createApp } from '../../src/http/index.ts';
import { startApi } from './api.ts';

/*
 * A key that was used is known to a node. Revoked anywhere, it must be refused there: within milliseconds
 * where that is announced, and within the bound whatever happens to the announcement.
 */
const BOUND_MS = 200;
const FRESH = { boundMs: BOUND_MS, pollIntervalMs: 40 };
/** Only an announcement can be in time. */
const PATIENT = { boundMs: 3_600_000, pollIntervalMs: 1_800_000 };

const api = await startApi();
afterAll(() => api.close());
const { test } = api;

let running: readonly ProxiedNode[] = [];
afterEach(async () => {
  await stopNodes(running);
  running = [];
});

const buildKey = (plan: ApiKeyPlan) =>
  buildApiKey(test.db, { ...plan, secret: `rk_${randomUUID()}` });

async function setUp(freshness: FreshnessOptions) {
  running = await startNodes(1, { test, freshness });
  const [node] = running;
  if (node === undefined) throw new Error('no node was started');
  const { database } = test;
  const app = createApp({ database, access: node.access, policy: builtinPolicy });
  const org = await buildOrganization(test.db);
  const { userId } = await buildMember(test.db, org.id, { roleIds: [org.memberRoleId] });
  const environmentKey = await buildKey({ scope: 'check' });
  const organizationKey = await buildKey({ scope: 'check', organizationId: org.id });
  const body = JSON.stringify({
    principal: `user:${userId}`,
    checks: [{ scope: 'project:read', resource_id: 'p1' }],
  });
  const ask = async (secret: string): Promise<number> => {
    const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
    const path = `/v1/organizations/${org.id}/check`;
    return (await app.request(path, { method: 'POST', headers, body })).status;
  };
  return { ...node, ask, keys: [environmentKey, organizationKey] };
}

/** Revokes over the API of another process, as a client would. */
const revoke = async (id: string): Promise<void> => {
  await api.ok('revokeApiKey', { params: { id } });
};

/** What no command does: the row is changed, and nobody is told. */
async function revokeQuietly(id: string): Promise<void> {
  const run = (text: string, values: readonly unknown[] = []) => query(test.db, { text, values });
  await run('ALTER TABLE rolecall.api_keys DISABLE TRIGGER api_keys_tell_changes');
  await run('UPDATE rolecall.api_keys SET revoked_at = now() WHERE id = $1', [id]);
  await run('ALTER TABLE rolecall.api_keys ENABLE TRIGGER api_keys_tell_changes');
}

describe('an API key that a node knows', () => {
  it('is not read again, and would never be refused if nobody told of its end', async () => {
    const { ask, keys, access } = await setUp(FRESH);
    for (const { id, secret } of keys) {
      expect(await ask(secret)).toBe(200);
      await revokeQuietly(id);
      await sleep(BOUND_MS * 2);
      expect(await ask(secret)).toBe(200);
    }
    expect(access.report().memory.apiKeys).toBe(2);
  });

  it('is refused as soon as its revocation is announced', async () => {
    const { ask, keys } = await setUp(PATIENT);
    for (const { id, secret } of keys) {
      expect(await ask(secret)).toBe(200);
      await revoke(id);
      await expect.poll(() => ask(secret), { interval: 1 }).toBe(401);
    }
  });

  it('is refused within the bound when the announcement is lost', async () => {
    const { ask, keys, proxy } = await setUp(FRESH);
    proxy.announce(() => 'dropped');
    for (const { id, secret } of keys) {
      expect(await ask(secret)).toBe(200);
      await revoke(id);
      await sleep(BOUND_MS);
      expect(await ask(secret)).toBe(401);
    }
  });

  it.each(['cut', 'stall'] as const)(
    'is refused within the bound when the connection for changes is lost (%s)',
    async (trouble) => {
      const { ask, keys, proxy } = await setUp(FRESH);
      for (const { secret } of keys) expect(await ask(secret)).toBe(200);
      proxy[trouble]();
      for (const { id } of keys) await revoke(id);
      await sleep(BOUND_MS);
      for (const { secret } of keys) expect(await ask(secret)).toBe(401);
    },
  );

  it('is asked of the database before anything is changed with it', async () => {
    const { access } = await setUp(FRESH);
    const { database } = test;
    const app = createApp({ database, access, policy: builtinPolicy });
    const { id, secret } = await buildKey({ scope: 'manage' });
    const list = () =>
      app.request('/v1/organizations', { headers: { authorization: `Bearer ${secret}` } });
    expect((await list()).status).toBe(200);
    await revokeQuietly(id);
    expect((await list()).status).toBe(401);
  });
});
