import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  callApi,
  createPlace,
  type Place,
  postgresPid,
  startRolecall,
} from './rolecall-process.ts';

const ROUNDS = process.env['ROLECALL_LONG'] === '1' ? 20 : 3;
const WRITERS = 4;

let place: Place;

beforeAll(async () => {
  place = await createPlace({
    LOG_LEVEL: 'silent',
    ROLECALL_API_KEY: 'rk_a_key_for_this_test_alone_0001',
  });
});
afterAll(() => place.remove());

it(
  'loses no acknowledged write when it is killed at any moment, with or without its PostgreSQL',
  async () => {
    const key = 'rk_a_key_for_this_test_alone_0001';
    const acknowledged = new Set<string>();
    let number = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const running = await startRolecall(place);
      const api = { url: running.url, key };
      if (round === 0)
        await callApi(api, 'POST', '/v1/organizations', { id: 'acme', name: 'Acme' });
      expect(await missing(api, acknowledged)).toEqual([]);

      let killed = false;
      const writeUntilKilled = async (): Promise<void> => {
        while (!killed) {
          const id = `m${number++}`;
          const body = { id, email: `${id}@acme.example` };
          const answer = await callApi(api, 'POST', '/v1/organizations/acme/members', body).catch(
            () => undefined,
          );
          if (answer?.status === 201) acknowledged.add(id);
        }
      };
      const writers = Array.from({ length: WRITERS }, writeUntilKilled);
      await sleep(100 + Math.random() * 400);
      const postgres = await postgresPid(place);
      const ended = running.end('SIGKILL');
      if (round % 2 === 1) process.kill(postgres, 'SIGKILL');
      killed = true;
      await ended;
      await Promise.all(writers);
    }
    const running = await startRolecall(place);
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
    expect(await missing({ url: running.url, key }, acknowledged)).toEqual([]);
    expect((await running.end('SIGTERM')).code).toBe(0);
  },
  ROUNDS * 30_000,
);

/** The members that were acknowledged and are not there. */
async function missing(
  api: { readonly url: string; readonly key: string },
  acknowledged: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = `limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const { body } = await callApi(api, 'GET', `/v1/organizations/acme/members?${query}`);
    const page = body as { data: { user_id: string }[]; next_cursor: string | null };
    for (const member of page.data) found.add(member.user_id);
    cursor = page.next_cursor;
  }
  return [...acknowledged].filter((id) => !found.has(id));
}
