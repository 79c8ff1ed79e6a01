import { query, inTransaction } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { context, openRoom } from '../../test/roles/room.ts';
import { brokenInvariants, tracesFrom } from '../../test/roles/traces.ts';
import {
  authenticateApiKey,
  createApiKey,
  createGrants,
  ensureApiKey,
  listApiKeys,
  listGrants,
  type NewApiKey,
  revokeApiKey,
} from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const create = (args: NewApiKey) => inTransaction(test.db, (tx) => createApiKey(tx, args, context));
const revoke = (apiKeyId: string, organizationId?: string) =>
  inTransaction(test.db, (tx) => revokeApiKey(tx, { apiKeyId, organizationId }, context));
const ensure = (key: string) =>
  inTransaction(test.db, (tx) => ensureApiKey(tx, { key, name: 'first' }, context));

const everything = async () =>
  JSON.stringify(
    (
      await test.database.pool.query(
        `SELECT to_jsonb(k) AS row FROM rolecall.api_keys k
   UNION ALL SELECT to_jsonb(e) FROM rolecall.environment_audit_events e
   UNION ALL SELECT to_jsonb(e) FROM rolecall.audit_events e`,
      )
    ).rows,
  );

describe('making an API key', () => {
  it('shows a secret of 256 random bits, once, and keeps only its hash', async () => {
    const { value, revision } = await create({ name: ' CI ', scope: 'check' });
    expect(value).toMatchObject({
      name: 'CI',
      scope: 'check',
      organizationId: null,
      revokedAt: null,
    });
    expect(value.key).toMatch(/^rk_check_[0-9A-Za-z]{43}$/);
    expect(value.hint).toBe(value.key.slice(-4));
    expect(revision).toBeNull();
    expect(await everything()).not.toContain(value.key.slice(9));
  });

  it('makes every secret another', async () => {
    const keys = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      keys.add((await create({ name: 'x', scope: 'manage' })).value.key);
    }
    expect(keys.size).toBe(20);
  });

  it('records a key of the environment in the history of the environment', async () => {
    const { value } = await create({ name: 'env', scope: 'manage' });
    const rows = await query(test.db, {
      text: 'SELECT actor, action, after FROM rolecall.environment_audit_events WHERE subject = $1',
      values: [`api_key:${value.id}`],
    });
    expect(rows).toMatchObject([
      { actor: context.actor, action: 'api_key.created', after: { name: 'env', hint: value.hint } },
    ]);
  });

  it('records a key of an organization in its history, at a revision', async () => {
    const { id } = await openRoom(test.db);
    const { value, revision } = await create({ name: 'org', scope: 'manage', organizationId: id });
    expect(await tracesFrom(test.db, id, revision ?? 0)).toMatchObject({
      changes: [{ revision, what: { api_keys: [value.id] } }],
      audit: [{ action: 'api_key.created', subject: `api_key:${value.id}` }],
    });
  });

  it('refuses an organization that is not there, and a name that shows nothing', async () => {
    await expect(
      create({ name: 'x', scope: 'check', organizationId: 'nowhere' }),
    ).rejects.toMatchObject({ code: 'organization_not_found' });
    await expect(create({ name: ' ', scope: 'check' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('authenticating', () => {
  it('finds the key of a secret', async () => {
    const { value } = await create({ name: 'a', scope: 'manage' });
    const { key, ...apiKey } = value;
    expect(await authenticateApiKey(test.db, key)).toEqual(apiKey);
  });

  it.each(['', 'rk_manage_', 'x'.repeat(10_000), 'rk_manage_\0', '🌳'])(
    'finds nothing for `%s`',
    async (secret) => {
      expect(await authenticateApiKey(test.db, secret)).toBeUndefined();
    },
  );

  it('finds nothing for a secret that differs in its last character, or in case', async () => {
    const { key } = (await create({ name: 'a', scope: 'manage' })).value;
    const other = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    for (const secret of [other, key.toUpperCase(), `${key} `]) {
      expect(await authenticateApiKey(test.db, secret)).toBeUndefined();
    }
  });

  it('finds nothing once the key is revoked', async () => {
    const { value } = await create({ name: 'a', scope: 'manage' });
    await revoke(value.id);
    expect(await authenticateApiKey(test.db, value.key)).toBeUndefined();
  });
});

describe('revoking an API key', () => {
  it('takes its direct grants, and tells everybody who keeps answers', async () => {
    const room = await openRoom(test.db);
    const { value: key } = await create({ name: 'x', scope: 'check', organizationId: room.id });
    await room.perform(createGrants, {
      principal: `api_key:${key.id}`,
      grants: [{ scope: 'project:read' }],
    });
    const { value, revision } = await revoke(key.id, room.id);
    expect(value.revokedAt).not.toBeNull();
    expect((await listGrants(test.db, room.id, {})).data).toEqual([]);
    expect(await tracesFrom(test.db, room.id, revision ?? 0)).toMatchObject({
      changes: [{ what: { api_keys: [key.id] } }],
      audit: [{ action: 'api_key.revoked', before: { revoked_at: null } }],
    });
  });

  it('changes nothing the second time', async () => {
    const { value } = await create({ name: 'x', scope: 'check' });
    const first = await revoke(value.id);
    expect((await revoke(value.id)).value).toEqual(first.value);
  });

  it('does not show keys of others to a caller of one organization', async () => {
    const [room, other] = [await openRoom(test.db), await openRoom(test.db)];
    const foreign = await create({ name: 'x', scope: 'check', organizationId: other.id });
    const general = await create({ name: 'x', scope: 'check' });
    for (const id of [
      foreign.value.id,
      general.value.id,
      'no-uuid',
      '00000000-0000-4000-8000-000000000000',
    ]) {
      await expect(revoke(id, room.id)).rejects.toMatchObject({ code: 'api_key_not_found' });
    }
  });
});

describe('the first administrator key', () => {
  const secret = 'a secret that somebody has chosen';

  it('is made once, however often it is asked for', async () => {
    const first = await ensure(secret);
    expect(first).toMatchObject({
      created: true,
      apiKey: { scope: 'manage', organizationId: null, name: 'first' },
    });
    expect(await ensure(secret)).toEqual({ ...first, created: false });
    expect(await authenticateApiKey(test.db, secret)).toEqual(first.apiKey);
    expect(await everything()).not.toContain(secret);
  });

  it('is made once by two processes that start at once', async () => {
    const both = await Promise.all([ensure(`${secret} twice`), ensure(`${secret} twice`)]);
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    expect(both[0].apiKey).toEqual(both[1].apiKey);
  });

  it('stays revoked', async () => {
    const { apiKey } = await ensure(`${secret} revoked`);
    await revoke(apiKey.id);
    const again = await ensure(`${secret} revoked`);
    expect(again.created).toBe(false);
    expect(again.apiKey.revokedAt).not.toBeNull();
    expect(await authenticateApiKey(test.db, `${secret} revoked`)).toBeUndefined();
  });

  it('is not one that can be guessed', async () => {
    await expect(ensure('short')).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('listing API keys', () => {
  it('shows each once, oldest first, page by page, and none with its secret', async () => {
    const { id } = await openRoom(test.db);
    const made: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      made.push((await create({ name, scope: 'check', organizationId: id })).value.id);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listApiKeys(test.db, { organizationId: id, limit: 2, cursor });
      expect(page).toMatchObject({ total: 3, totalIs: 'exact' });
      seen.push(...page.data.map((key) => key.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(3);
    expect(new Set(seen)).toEqual(new Set(made));
    const all = await listApiKeys(test.db, { limit: 1_000 });
    expect(all.total).toBe(all.data.length);
    expect(Object.keys(all.data[0] ?? {})).not.toContain('hash');
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});
