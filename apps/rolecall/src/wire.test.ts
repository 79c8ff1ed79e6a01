import { builtinPolicy } from '@rolecall/policy';
import {
  buildOrganization,
  buildRole,
  createTestDatabase,
  type TestDatabase,
} from '@rolecall/testkit';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from './exit-codes.ts';
import { settleFirstKey, settleGivenKey } from './process/first-key.ts';
import { wire, type Wired } from './wire.ts';

const chosen = 'rk_a_key_that_somebody_has_chosen';
let test: TestDatabase;
let wired: Wired | undefined;

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(async () => {
  await wired?.close();
  wired = undefined;
  await test.close();
});

async function wireUp(): Promise<Wired> {
  wired = await wire({
    databaseUrl: test.url,
    policy: builtinPolicy,
    log: pino({ level: 'silent' }),
    isShuttingDown: () => false,
  });
  return wired;
}

/** Whether a key administers the whole environment. */
async function opens(key: string): Promise<boolean> {
  const { handler } = wired ?? (await wireUp());
  const headers = { authorization: `Bearer ${key}` };
  return (await handler(new Request('http://test/v1/organizations', { headers }))).ok;
}

describe('wire', () => {
  it('refuses to start on a deny that the policy does not understand, and names it', async () => {
    const { id } = await buildOrganization(test.db, { id: 'acme' });
    await buildRole(test.db, id, { grants: [{ scope: 'castle:storm', effect: 'deny' }] });
    await expect(wireUp()).rejects.toMatchObject({
      code: 'invalid_policy',
      exitCode: exitCodes.refused,
      problems: [{ path: 'castle:storm', message: expect.stringContaining('acme') as unknown }],
    });
  });

  it('starts on an allow that the policy does not understand, because it allows nothing', async () => {
    const { id } = await buildOrganization(test.db);
    await buildRole(test.db, id, { grants: [{ scope: 'castle:visit' }] });
    await expect(wireUp()).resolves.toBeDefined();
  });
});

describe('the first key', () => {
  it('is made once, shown once, and told apart by its end afterwards', async () => {
    const { roles } = await wireUp();
    const first = await settleFirstKey(roles, undefined);
    expect(await opens(first.secret ?? '')).toBe(true);
    expect(await settleFirstKey(roles, undefined)).toEqual({ secret: undefined, hint: first.hint });
    expect(first.secret?.endsWith(first.hint ?? '-')).toBe(true);
  });

  it('is the one that was given, on every start', async () => {
    const { roles } = await wireUp();
    for (let start = 0; start < 2; start += 1) {
      expect(await settleFirstKey(roles, chosen)).toEqual({ secret: undefined, hint: 'osen' });
    }
    expect(await opens(chosen)).toBe(true);
    expect((await roles.listApiKeys({})).data).toHaveLength(1);
  });

  it('is not made again when every key was revoked', async () => {
    const { roles } = await wireUp();
    await settleFirstKey(roles, undefined);
    const [key] = (await roles.listApiKeys({})).data;
    await roles.revokeApiKey({ apiKeyId: key?.id ?? '' });
    expect(await settleFirstKey(roles, undefined)).toEqual({ secret: undefined, hint: undefined });
  });

  it('is never one that was revoked', async () => {
    const { roles } = await wireUp();
    await settleGivenKey(roles, chosen);
    const [key] = (await roles.listApiKeys({})).data;
    await roles.revokeApiKey({ apiKeyId: key?.id ?? '' });
    await expect(settleGivenKey(roles, chosen)).rejects.toMatchObject({
      code: 'unusable_key',
      exitCode: exitCodes.notAuthorized,
    });
    expect(await opens(chosen)).toBe(false);
  });

  it('that is too short is refused', async () => {
    const { roles } = await wireUp();
    await expect(settleGivenKey(roles, 'short')).rejects.toMatchObject({
      code: 'invalid_configuration',
      exitCode: exitCodes.usage,
    });
  });
});
