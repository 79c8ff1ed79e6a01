import { createHmac } from 'node:crypto';
import { limits } from '@rolecall/contract';
import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase } from '@rolecall/testkit';
import { startSimulator } from '@rolecall/workos-simulator';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/index.ts';
import { createApp } from '../../src/http/index.ts';
import { openSync, type Sync } from '../../src/sync/index.ts';
import { expectProblem, holdToContract } from './api.ts';

const SECRET = 'whsec_of_this_service_and_of_nobody_else';
const PATH = '/webhooks/workos';
const test = await createTestDatabase();
const simulator = await startSimulator({ webhookSecret: SECRET });
const { database } = test;
const opened: Sync[] = [];

afterAll(async () => {
  await Promise.all(opened.map((sync) => sync.close()));
  await simulator.close();
  await test.close();
});

/** The real route, and how often it has nudged the reader of events. */
function openRoute({ secrets = [SECRET], room = 100_000 } = {}) {
  const sync = openSync({
    db: database.db,
    url: database.url,
    workos: { apiKey: simulator.apiKey, apiUrl: simulator.url, webhookSecrets: secrets },
  });
  opened.push(sync);
  const app = createApp({
    database,
    access: createAccess({ database, policy: builtinPolicy }),
    policy: builtinPolicy,
    sync,
    webhooksInTenSeconds: room,
  });
  const post = async (sent: Sent) => {
    const response = await app.request(PATH, {
      method: 'POST',
      body: sent.body,
      headers: {
        'content-type': 'application/json',
        ...(sent.header !== null && { 'workos-signature': sent.header }),
      },
    });
    return holdToContract('POST', PATH, response);
  };
  const metrics = async (): Promise<string> => (await app.request('/metrics')).text();
  return { post, metrics, sync };
}

interface Sent {
  readonly header: string | null;
  readonly body: string;
}

function sign(body: string, { secret = SECRET, at = Date.now() } = {}): Sent {
  const hash = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { header: `t=${at}, v1=${hash}`, body };
}

let last = 0;
function eventBody(): string {
  last += 1;
  const data = { id: `om_${last}`, organization_id: 'org_1', user_id: 'user_1', status: 'active' };
  const created_at = new Date().toISOString();
  const type = 'organization_membership.updated';
  return JSON.stringify({ id: `event_${last}`, event: type, created_at, data });
}

const hex = fc.string({
  unit: fc.nat(15).map((digit) => digit.toString(16)),
  minLength: 64,
  maxLength: 64,
});
const beyond = fc.integer({ min: 181_000, max: 10 * 365 * 86_400_000 });
const otherSecret = fc.string({ minLength: 1 }).filter((secret) => secret !== SECRET);

/** A webhook that WorkOS did not send to us just now: each way to forge, alter or keep one. */
const untrue: fc.Arbitrary<Sent> = fc.oneof(
  // Signed by somebody who has another secret.
  otherSecret.map((secret) => sign(eventBody(), { secret })),
  // A signature that was guessed.
  hex.map((hash) => ({ header: `t=${Date.now()}, v1=${hash}`, body: eventBody() })),
  // A genuine one whose body was altered: a character replaced, added or taken away.
  fc.record({ at: fc.nat(), put: fc.string({ minLength: 1, maxLength: 3 }) }).map(({ at, put }) => {
    const { header, body } = sign(eventBody());
    const place = at % body.length;
    const altered = body.slice(0, place) + put + body.slice(place + put.length);
    return { header, body: altered === body ? `${body} ` : altered };
  }),
  // A genuine one that was kept, or is from a clock far ahead.
  fc
    .tuple(beyond, fc.constantFrom(-1, 1))
    .map(([ms, way]) => sign(eventBody(), { at: Date.now() + way * ms })),
  // A kept one whose time was moved to now, without a new signature.
  beyond.map((ms) => {
    const old = sign(eventBody(), { at: Date.now() - ms });
    return { ...old, header: (old.header ?? '').replace(/t=\d+/, `t=${Date.now()}`) };
  }),
  // No signature, or something in its place.
  fc
    .constantFrom(null, '', 't=', 'v1=', `t=${Date.now()}`, `v1=${'0'.repeat(64)}`)
    .map((header) => ({ header, body: eventBody() })),
  fc
    .string()
    .filter((text) => /^[\x20-\x7e]*$/.test(text))
    .map((header) => ({ header, body: eventBody() })),
  // The signature of another body, of an empty one, with two times, or too long to be one.
  fc.constantFrom(0, 1, 2, 3).map((way) => {
    const body = eventBody();
    const { header } = sign(way === 0 ? eventBody() : way === 1 ? '' : body);
    const texts = [
      header,
      header,
      `t=${Date.now()}, ${header ?? ''}`,
      `${header ?? ''}, ${'x'.repeat(2_000)}=1`,
    ];
    return { header: texts[way] ?? null, body };
  }),
  // Signed with an empty secret.
  fc.constant(null).map(() => sign(eventBody(), { secret: '' })),
);

describe('a webhook', () => {
  it('is refused when it is forged, altered or stale: 2,000 attempts, none accepted', async () => {
    const { post, metrics, sync } = openRoute();
    let attempts = 0;
    await fc.assert(
      fc.asyncProperty(untrue, async (sent) => {
        attempts += 1;
        expectProblem(await post(sent), 'webhook_refused');
      }),
      { numRuns: 2_000 },
    );
    expect(attempts).toBeGreaterThanOrEqual(2_000);
    const page = await metrics();
    expect(page).not.toContain('rolecall_workos_webhooks_total{outcome="accepted"}');
    for (const doubt of ['unsigned', 'unreadable_signature', 'stale', 'wrong_signature']) {
      expect(page).toMatch(new RegExp(`webhooks_total\\{outcome="${doubt}"\\} \\d+`));
    }
    expect(sync.receive).toBeDefined();
  }, 120_000);

  it('that is genuine is believed, and reads the stream; a repeated one does nothing', async () => {
    const { post, metrics, sync } = openRoute();
    await sync.start();
    const reads = () =>
      simulator.requests.list().filter(({ path }) => path.startsWith('/events')).length;
    await until(() => reads() > 0);
    const before = reads();
    const sent = sign(eventBody());
    expect(await post(sent)).toMatchObject({ status: 200, body: { repeated: false } });
    await until(() => reads() > before);
    const after = reads();
    for (let again = 0; again < 20; again += 1) {
      expect(await post(sent)).toMatchObject({ status: 200, body: { repeated: true } });
    }
    // The same event, signed anew as WorkOS does when it tries again.
    expect(await post(sign(sent.body))).toMatchObject({ status: 200, body: { repeated: true } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reads()).toBe(after);
    expect(await metrics()).toContain('rolecall_workos_webhooks_total{outcome="repeated"} 21');
  }, 30_000);

  it('is believed with either secret while it is being changed', async () => {
    const { post } = openRoute({ secrets: ['whsec_new', SECRET] });
    for (const secret of ['whsec_new', SECRET]) {
      expect((await post(sign(eventBody(), { secret }))).status).toBe(200);
    }
  });

  it('that is signed and no event, is said to be none', async () => {
    const { post } = openRoute();
    expectProblem(await post(sign('{"id": 1}')), 'invalid_json');
    expectProblem(await post(sign('no JSON')), 'invalid_json');
  });

  it('is refused with the wait when too many come, whoever sends them', async () => {
    const { post } = openRoute({ room: 3 });
    for (let n = 0; n < 3; n += 1) await post(sign(eventBody(), { secret: 'another' }));
    const answer = await post(sign(eventBody()));
    expectProblem(answer, 'rate_limited');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is refused when it is larger than any event', async () => {
    const { post } = openRoute();
    const body = JSON.stringify({ id: 'event_large', data: 'x'.repeat(limits.webhookBodyBytes) });
    expectProblem(await post(sign(body)), 'body_too_large');
  });

  it('is not expected where no secret is known, and that is said', async () => {
    const { post } = openRoute({ secrets: [] });
    const problem = expectProblem(await post(sign(eventBody())), 'workos_not_connected');
    expect(problem.detail).toContain('WORKOS_WEBHOOK_SECRET');
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
