import { beforeEach, describe, expect, test } from 'vitest';
import { textOf } from './json.ts';
import { type Socketless, socketless } from './socketless.ts';

const DAY_MS = 86_400_000;
const USERS = 'user.created';

let context: Socketless;

beforeEach(() => {
  context = socketless();
});

function addUser(number: number): void {
  context.simulator.dashboard.createUser({ email: `u${number}@acme.example` });
}

describe('retention', () => {
  test('keeps events for thirty days', async () => {
    addUser(1);
    await context.clock.advance(29 * DAY_MS);
    addUser(2);
    expect(await context.events(USERS)).toHaveLength(2);
    await context.clock.advance(2 * DAY_MS);
    expect(await context.events(USERS)).toHaveLength(1);
  });

  test('is as long as it is told to be', async () => {
    context = socketless({ eventRetentionDays: 90 });
    addUser(1);
    await context.clock.advance(89 * DAY_MS);
    expect(await context.events(USERS)).toHaveLength(1);
  });

  test('makes an old cursor useless, also when nothing has happened since', async () => {
    addUser(1);
    const [event] = await context.events(USERS);
    const path = `/events?events=${USERS}&after=${textOf(event, 'id')}`;
    expect((await context.api('GET', path)).status).toBe(200);
    await context.clock.advance(31 * DAY_MS);
    expect(await context.api('GET', path)).toEqual({
      status: 400,
      body: { message: `Event not found: '${textOf(event, 'id')}'.` },
    });
  });

  test('can be cut short on demand', async () => {
    for (let number = 1; number <= 5; number += 1) addUser(number);
    const [first] = await context.events(USERS);
    expect(context.simulator.faults.expireEvents({ keep: 2 })).toBe(5);
    expect(await context.events(USERS)).toHaveLength(2);
    expect(
      (await context.api('GET', `/events?events=${USERS}&after=${textOf(first, 'id')}`)).status,
    ).toBe(400);
    await context.clock.advance(1_000);
    addUser(6);
    const before = new Date(context.clock.now()).toISOString();
    context.simulator.faults.expireEvents({ before });
    expect(await context.events(USERS)).toHaveLength(1);
  });
});

test('a cursor that names nothing starts again from the beginning, where that is asked for', async () => {
  context = socketless({ unknownCursor: 'restart' });
  addUser(1);
  expect(await context.events(USERS, 'event_unknown')).toHaveLength(1);
});

test('a range of time is kept to', async () => {
  for (let number = 1; number <= 5; number += 1) {
    addUser(number);
    await context.clock.advance(60_000);
  }
  const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();
  const { body } = await context.api(
    'GET',
    `/events?events=${USERS}&range_start=${at(1)}&range_end=${at(3)}`,
  );
  expect(body['data']).toHaveLength(3);
  const wrong = await context.api('GET', `/events?events=${USERS}&range_start=yesterday`);
  expect(wrong.status).toBe(422);
});

test('late events hold back those after them, so that a cursor misses nothing', async () => {
  context.simulator.faults.events({ rate: 0.3, ms: [1_000, 5_000] });
  const seen: string[] = [];
  let after: string | undefined;
  for (let number = 1; number <= 60; number += 1) {
    addUser(number);
    await context.clock.advance(200);
    const page = await context.events(USERS, after);
    seen.push(...page.map((event) => textOf(event, 'id')));
    after = seen.at(-1);
  }
  await context.clock.advance(10_000);
  seen.push(...(await context.events(USERS, after)).map((event) => textOf(event, 'id')));
  const all = await context.events(USERS);
  expect(seen).toEqual(all.map((event) => textOf(event, 'id')));
  expect(seen).toHaveLength(60);
});

test('late events that may be overtaken are missed by a cursor', async () => {
  context.simulator.faults.events({ rate: 0.3, ms: [1_000, 5_000], overtake: true });
  const seen: string[] = [];
  for (let number = 1; number <= 60; number += 1) {
    addUser(number);
    await context.clock.advance(200);
    const page = await context.events(USERS, seen.at(-1));
    seen.push(...page.map((event) => textOf(event, 'id')));
  }
  await context.clock.advance(10_000);
  seen.push(...(await context.events(USERS, seen.at(-1))).map((event) => textOf(event, 'id')));
  expect(seen.length).toBeLessThan(60);
  expect(await context.events(USERS)).toHaveLength(60);
});

test('the event of the cursor is shown again, and the order reversed, on demand', async () => {
  for (let number = 1; number <= 3; number += 1) addUser(number);
  const ids = (await context.events(USERS)).map((event) => textOf(event, 'id'));
  context.simulator.faults.events({ inclusiveCursor: true });
  const again = await context.events(USERS, ids[0]);
  expect(again.map((event) => textOf(event, 'id'))).toEqual(ids);
  context.simulator.faults.events({ inclusiveCursor: false, newestFirst: true });
  const reversed = await context.events(USERS);
  expect(reversed.map((event) => textOf(event, 'id'))).toEqual(ids.toReversed());
});
