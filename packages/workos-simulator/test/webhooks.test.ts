import { WorkOS } from '@workos-inc/node';
import { describe, expect, test } from 'vitest';
import {
  createManualClock,
  createSimulator,
  DOCUMENTED_RETRY_DELAYS_MS,
  type ManualClock,
  signWebhook,
  SIGNATURE_HEADER,
  type SimulatorHandler,
  type WebhookMessage,
} from '../src/index.ts';
import { createOpenApiValidator } from './openapi-validator.ts';

const { webhooks } = new WorkOS('sk_test_verifier');

interface Receiver {
  readonly simulator: SimulatorHandler;
  readonly clock: ManualClock;
  readonly received: WebhookMessage[];
  /** What the endpoint answers; throws when null. */
  answer: number | null;
}

/** A simulator whose one endpoint writes down what it gets; the clock is the machine's time, stopped. */
function receiver(seed = 'webhooks'): Receiver {
  const clock = createManualClock(Date.now());
  const received: WebhookMessage[] = [];
  const context: Receiver = {
    clock,
    received,
    answer: 200,
    simulator: createSimulator({
      seed,
      clock,
      webhookUrls: ['http://rolecall.invalid/webhooks/workos'],
      webhooks: {
        deliver: (message) => {
          received.push(message);
          return context.answer === null
            ? Promise.reject(new Error('unreachable'))
            : Promise.resolve(context.answer);
        },
      },
    }),
  };
  return context;
}

function eventIds(received: readonly WebhookMessage[]): readonly string[] {
  return received.map((message) => (JSON.parse(message.body) as { id: string }).id);
}

function streamIds(simulator: SimulatorHandler): readonly string[] {
  return (simulator.state({ events: true }).events.all ?? []).map((event) => String(event['id']));
}

function addUsers(simulator: SimulatorHandler, count: number): void {
  for (let index = 0; index < count; index += 1) {
    simulator.dashboard.createUser({ email: `u${index}@acme.example` });
  }
}

function verify({ body, headers }: WebhookMessage, secret: string): Promise<unknown> {
  return webhooks.constructEvent({
    payload: body,
    sigHeader: headers[SIGNATURE_HEADER] ?? '',
    secret,
  });
}

describe('a webhook', () => {
  test('carries an event of the stream with its id, signed so that the client accepts it', async () => {
    const { simulator, clock, received } = receiver();
    addUsers(simulator, 1);
    await clock.advance(1_000);
    const [message] = received;
    expect(message).toBeDefined();
    if (!message) return;
    expect(createOpenApiValidator().checkEvent(JSON.parse(message.body))).toEqual([]);
    expect(await verify(message, simulator.webhookSecret)).toMatchObject({
      id: streamIds(simulator).at(-1),
      event: 'user.created',
    });
  });

  test('is sent only for the types that its endpoint wants', async () => {
    const { simulator, clock, received } = receiver();
    simulator.addWebhook('http://other.invalid/hook', ['user.deleted']);
    const { id } = simulator.dashboard.createUser({ email: 'u@acme.example' });
    simulator.dashboard.deleteUser({ user: id });
    await clock.advance(1_000);
    const others = received.filter((message) => message.url === 'http://other.invalid/hook');
    expect(others).toHaveLength(1);
    expect(received).toHaveLength(3);
  });

  test('overtakes others by itself', async () => {
    const { simulator, clock, received } = receiver();
    addUsers(simulator, 30);
    await clock.advance(1_000);
    const ids = eventIds(received);
    expect(ids).not.toEqual(ids.toSorted());
    expect(ids.toSorted()).toEqual(streamIds(simulator).slice(-30));
  });
});

describe('a webhook that is refused', () => {
  test('is sent again six times within three days, and then given up', async () => {
    const context = receiver();
    context.answer = 500;
    addUsers(context.simulator, 1);
    await context.clock.advance(4 * 86_400_000);
    expect(context.received).toHaveLength(7);
    expect(new Set(eventIds(context.received)).size).toBe(1);
    const outcomes = context.simulator.webhooks.deliveries().map((record) => record.outcome);
    expect(outcomes).toEqual([...Array.from({ length: 7 }, () => 'refused'), 'given_up']);
    const total = DOCUMENTED_RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBe(3 * 86_400_000);
  });

  test('is delivered once the endpoint is back, signed afresh', async () => {
    const context = receiver();
    context.answer = null;
    addUsers(context.simulator, 1);
    await context.clock.advance(1_000);
    context.answer = 204;
    await context.clock.advance(60_000);
    const [first, second] = context.received.map((message) => message.headers[SIGNATURE_HEADER]);
    expect(first).not.toBe(second);
    const outcomes = context.simulator.webhooks.deliveries().map((record) => record.outcome);
    expect(outcomes).toEqual(['unreachable', 'delivered']);
    expect(context.simulator.faults.pending().webhooks).toBe(0);
  });
});

describe('on demand webhooks', () => {
  test('get lost', async () => {
    const { simulator, clock, received } = receiver();
    simulator.faults.webhooks({ drop: 1 });
    addUsers(simulator, 5);
    await clock.advance(10_000);
    expect(received).toEqual([]);
    expect(simulator.webhooks.deliveries().map((record) => record.outcome)).toEqual(
      Array.from({ length: 5 }, () => 'dropped'),
    );
  });

  test('are repeated', async () => {
    const { simulator, clock, received } = receiver();
    simulator.faults.webhooks({ repeat: 0.5 });
    addUsers(simulator, 20);
    await clock.advance(10_000);
    expect(received.length).toBeGreaterThan(22);
    expect(new Set(eventIds(received)).size).toBe(20);
  });

  test('are late', async () => {
    const { simulator, clock, received } = receiver();
    simulator.faults.webhooks({ delay: 1, delayMs: [5_000, 6_000] });
    addUsers(simulator, 3);
    await clock.advance(4_999);
    expect(received).toEqual([]);
    await clock.advance(2_000);
    expect(received).toHaveLength(3);
  });

  test('are held back until others have overtaken them', async () => {
    const { simulator, clock, received } = receiver();
    simulator.faults.webhooks({ reorder: 0.3, overtakenBy: 4 });
    addUsers(simulator, 40);
    await clock.advance(10_000);
    const ids = eventIds(received);
    expect(ids.toSorted()).toEqual(streamIds(simulator).slice(-40));
    const displaced = ids.filter((id, place) => ids.toSorted().indexOf(id) < place - 3);
    expect(displaced.length).toBeGreaterThan(3);
  });

  test('are sent with a fault that the client notices', async () => {
    for (const tampering of ['body', 'signature', 'secret', 'stale', 'unsigned'] as const) {
      const { simulator, clock, received } = receiver(tampering);
      simulator.faults.webhooks({ tamper: 1, tampering });
      addUsers(simulator, 3);
      await clock.advance(10_000);
      for (const message of received) {
        await expect(verify(message, simulator.webhookSecret), tampering).rejects.toThrow();
      }
      expect(received).toHaveLength(3);
    }
  });

  test('are signed by a clock that is wrong', async () => {
    const { simulator, clock, received } = receiver();
    simulator.faults.webhooks({ clockSkewMs: -300_000 });
    addUsers(simulator, 1);
    await clock.advance(1_000);
    const [message] = received;
    if (!message) throw new Error('nothing was sent');
    await expect(verify(message, simulator.webhookSecret)).rejects.toThrow('Timestamp outside');
  });

  test('meet the same fate again with the same seed', async () => {
    const run = async (): Promise<readonly string[]> => {
      const clock = createManualClock();
      const bodies: string[] = [];
      const simulator = createSimulator({
        seed: 5,
        clock,
        webhookUrls: ['http://rolecall.invalid'],
        webhooks: {
          deliver: ({ body, headers }) => {
            bodies.push(`${clock.now()} ${headers[SIGNATURE_HEADER] ?? ''} ${body}`);
            return Promise.resolve(bodies.length % 7 === 0 ? 500 : 200);
          },
        },
      });
      simulator.faults.webhooks({ drop: 0.1, repeat: 0.2, delay: 0.2, reorder: 0.2, tamper: 0.1 });
      addUsers(simulator, 50);
      await clock.advance(200_000);
      return bodies;
    };
    expect(await run()).toEqual(await run());
  });
});

test('the signature is the one of the official client', async () => {
  const body = '{"object":"event"}';
  const signature = signWebhook(body, 'whsec_1', 1_234);
  const [time, hash] = webhooks.getTimestampAndSignatureHash(signature);
  expect(time).toBe('1234');
  expect(hash).toBe(await webhooks.computeSignature('1234', body, 'whsec_1'));
});

test('webhooks go over HTTP to a real endpoint', async () => {
  const { createServer } = await import('node:http');
  const { startSimulator } = await import('../src/index.ts');
  const bodies: string[] = [];
  const endpoint = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => {
    endpoint.listen(0, '127.0.0.1', resolve);
  });
  const address = endpoint.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const simulator = await startSimulator({ webhookUrls: [`http://127.0.0.1:${port}/hook`] });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  endpoint.on('request', () => {
    resolve(undefined);
  });
  simulator.dashboard.createUser({ email: 'u@acme.example' });
  await promise;
  await simulator.close();
  await new Promise((done) => endpoint.close(done));
  expect(bodies.join('')).toContain('"object":"event"');
});
