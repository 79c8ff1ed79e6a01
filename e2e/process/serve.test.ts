import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callApi, createPlace, launch, type Place, readyOf, rolecall } from './rolecall-process.ts';

const key = 'rk_a_key_for_this_test_alone_0003';
let test: TestDatabase;
let place: Place;

beforeAll(async () => {
  test = await createTestDatabase({ empty: true });
  place = await createPlace({ DATABASE_URL: test.url, ROLECALL_API_KEY: key });
});
afterAll(async () => {
  await place.remove();
  await test.close();
});

it('refuses a database without the schema of this version, with its own exit code', async () => {
  const { code, err } = await rolecall(place, ['serve']);
  expect(code).toBe(7);
  expect(err).toContain('rolecall migrate');
});

it('starts as several processes at once, which migrate together, answer alike and stop cleanly', async () => {
  const processes = Array.from({ length: 3 }, () =>
    launch(place, ['serve', '--migrate', '--json']),
  );
  const urls = (await Promise.all(processes.map(readyOf))).map(({ url }) => url);
  const [first = '', ...others] = urls;
  const created = await callApi({ url: first, key }, 'POST', '/v1/organizations', {
    id: 'acme',
    name: 'Acme',
  });
  expect(created.status).toBe(201);
  for (const url of others) {
    const { status } = await callApi({ url, key }, 'GET', '/v1/organizations/acme');
    expect(status).toBe(200);
  }
  for (const { child } of processes) child.kill('SIGTERM');
  const ended = await Promise.all(processes.map(({ finished }) => finished));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  const applied = ended.flatMap(({ err }) => logLines(err)).flatMap((line) => line.applied ?? []);
  expect(applied.length).toBeGreaterThan(0);
  expect(new Set(applied).size).toBe(applied.length);
});

it('says that the database is away, with its own exit code, and never the password', async () => {
  const away = { ...place, environment: { ...place.environment } };
  Object.assign(away.environment, { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/none' });
  const { code, err } = await rolecall(away, ['serve']);
  expect(code).toBe(3);
  expect(err).toContain('DATABASE_URL');
  expect(err).not.toContain('hunter2');
});

/** Its log, which is one JSON object a line and nothing else. */
function logLines(err: string): readonly { readonly applied?: readonly string[] }[] {
  return err
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { applied?: readonly string[] });
}
