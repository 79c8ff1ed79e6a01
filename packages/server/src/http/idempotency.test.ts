import { buildApiKey, createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { inTransaction, query } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import {
  type IdempotentRequest,
  once,
  purgeIdempotencyKeys,
  readIdempotencyKey,
} from './idempotency.ts';
import { type RenderedReply } from './reply.ts';

const test = await createTestDatabase({ maxConnections: 12 });
afterAll(() => test.close());

const key = await buildApiKey(test.db);
let last = 0;

function request(changes: Partial<IdempotentRequest> = {}): IdempotentRequest {
  last += 1;
  return {
    apiKeyId: key.id,
    secret: key.secret,
    identity: ['', 'POST', '/v1/x', `key-${last}`],
    content: ['body'],
    ...changes,
  };
}

/** A write that counts how often it was done, and may take its time. */
function counter() {
  const state = { done: 0 };
  const perform = async (same: IdempotentRequest, during?: () => Promise<void>) =>
    inTransaction(test.db, (tx) =>
      once(tx, same, async (): Promise<RenderedReply> => {
        await during?.();
        state.done += 1;
        return { status: 201, headers: { ETag: '"1"' }, body: `{"n":${state.done}}` };
      }),
    );
  return { state, perform };
}

describe('a repeated request', () => {
  it('gets the first answer again, marked as a repetition', async () => {
    const { state, perform } = counter();
    const same = request();
    const first = await perform(same);
    const second = await perform(same);
    expect(second).toEqual({
      ...first,
      headers: { ...first.headers, 'Idempotency-Replayed': 'true' },
    });
    expect(state.done).toBe(1);
  });

  it('with other content is refused', async () => {
    const { perform } = counter();
    const same = request();
    await perform(same);
    await expect(perform({ ...same, content: ['other'] })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('is another one for another actor, method, path, key or API key', async () => {
    const { state, perform } = counter();
    const other = await buildApiKey(test.db);
    await perform(request({ identity: ['user:a', 'POST', '/v1/x', 'k'] }));
    await perform(request({ identity: ['user:b', 'POST', '/v1/x', 'k'] }));
    await perform(request({ identity: ['user:a', 'PATCH', '/v1/x', 'k'] }));
    await perform(request({ identity: ['user:a', 'POST', '/v1/y', 'k'] }));
    await perform(request({ identity: ['user:a', 'POST', '/v1/x', 'l'] }));
    await perform(
      request({
        apiKeyId: other.id,
        secret: other.secret,
        identity: ['user:a', 'POST', '/v1/x', 'k'],
      }),
    );
    expect(state.done).toBe(6);
  });

  it('is not the same when two parts run into each other differently', async () => {
    const { state, perform } = counter();
    await perform(request({ identity: ['a', 'bc', '', '1'] }));
    await perform(request({ identity: ['ab', 'c', '', '1'] }));
    expect(state.done).toBe(2);
  });

  it('is done again when the first one failed', async () => {
    const { state, perform } = counter();
    const same = request();
    const failing = perform(same, () => Promise.reject(refusal('last_admin', 'no')));
    await expect(failing).rejects.toMatchObject({ code: 'last_admin' });
    await perform(same);
    expect(state.done).toBe(1);
  });
});

describe('duplicates at the same time', () => {
  it('take effect once, and all get the same answer', async () => {
    const { state, perform } = counter();
    const same = request();
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
    const replies = await Promise.all(Array.from({ length: 10 }, () => perform(same, pause)));
    expect(state.done).toBe(1);
    expect(new Set(replies.map(({ body }) => body))).toEqual(new Set(['{"n":1}']));
    expect(replies.filter((r) => r.headers['Idempotency-Replayed'] === 'true')).toHaveLength(9);
  });

  it('go ahead when the first one fails', async () => {
    const { state, perform } = counter();
    const same = request();
    let failed = false;
    const failOnce = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (failed) return;
      failed = true;
      throw refusal('last_admin', 'no');
    };
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => perform(same, failOnce)),
    );
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(state.done).toBe(1);
  });

  it('give up after a while when the first one does not end', async () => {
    const { perform } = counter();
    const same = request();
    const writing = Promise.withResolvers<undefined>();
    const end = Promise.withResolvers<undefined>();
    const first = perform(same, async () => {
      writing.resolve(undefined);
      await end.promise;
    });
    await writing.promise;
    await expect(perform(same)).rejects.toMatchObject({
      code: 'idempotency_in_progress',
      details: { retryAfterSeconds: 1 },
    });
    end.resolve(undefined);
    await expect(first).resolves.toMatchObject({ status: 201 });
  });

  it('leave the lock timeout of the write itself alone', async () => {
    const setting = await inTransaction(test.db, async (tx) => {
      await once(tx, request(), () => Promise.resolve({ status: 204, headers: {}, body: null }));
      const rows = await query<{ lock_timeout: string }>(tx, { text: 'SHOW lock_timeout' });
      return rows[0]?.lock_timeout;
    });
    expect(setting).toBe('0');
  });
});

describe('what is kept', () => {
  it('cannot be read from the database alone', async () => {
    const { perform } = counter();
    await perform(request());
    const rows = await query<{ response: string }>(test.db, {
      text: 'SELECT response::text FROM rolecall.idempotency_keys WHERE api_key_id = $1',
      values: [key.id],
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(
      rows.every(({ response }) => !response.includes('ETag') && !response.includes('"status"')),
    ).toBe(true);
  });

  it('is kept for a day and then forgotten', async () => {
    const { state, perform } = counter();
    const young = request();
    const old = request();
    await perform(young);
    await perform(old);
    await query(test.db, {
      text: `UPDATE rolecall.idempotency_keys SET created_at = now() - interval '23 hours 59 minutes'`,
    });
    expect(await purgeIdempotencyKeys(test.db)).toBe(0);
    await query(test.db, {
      text: `UPDATE rolecall.idempotency_keys SET created_at = now() - interval '24 hours 1 minute'`,
    });
    expect(await purgeIdempotencyKeys(test.db)).toBeGreaterThanOrEqual(2);
    await perform(old);
    expect(state.done).toBe(3);
  });
});

it.each(['', 'a b', 'é', 'x'.repeat(256)])('%j is no Idempotency-Key', (value) => {
  expect(() => readIdempotencyKey(new Headers({ 'Idempotency-Key': value }))).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  );
});
