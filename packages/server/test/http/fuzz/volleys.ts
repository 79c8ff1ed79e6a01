import { allEndpoints, type AnyEndpoint, errorsOf, Problem } from '@rolecall/contract';
import fc from 'fast-check';
import { afterAll, afterEach, expect, it } from 'vitest';
import { signWebhook, startSimulator } from '@rolecall/workos-simulator';
import { type Api, startApi, webhookSecret } from '../api.ts';
import { populate } from './populate.ts';
import { type Shot, shotsAt } from './shots.ts';

/** Requests at each endpoint: more where there is a body to generate. */
const isLong = process.env['ROLECALL_LONG'] !== undefined;
const WITH_BODY = isLong ? 20_000 : 2_000;
const WITHOUT_BODY = isLong ? 2_000 : 400;
/** They are sent a few at a time, so that they also meet each other. */
const AT_ONCE = 8;

/** Where nothing is linked, these have nothing to compare. */
const asksWorkos: ReadonlySet<string> = new Set(['findSyncDrift', 'repairSync', 'chooseSyncSide']);

function requestsAt({ method, operationId }: AnyEndpoint): number {
  // Each of these asks the simulated WorkOS several times.
  if (asksWorkos.has(operationId)) return WITHOUT_BODY;
  return method === 'get' ? WITHOUT_BODY : WITH_BODY;
}

/** How often each status was the answer. */
type Counts = Map<number, number>;

/** Tests that fire generated requests at every endpoint of a part, none of which may make it fail. */
export async function fireAt(isPart: (endpoint: AnyEndpoint) => boolean): Promise<void> {
  const simulator = await startSimulator({ rateLimits: 'off' });
  const api = await startApi({
    workos: { apiKey: simulator.apiKey, apiUrl: simulator.url, webhookSecrets: [webhookSecret] },
  });
  afterAll(async () => {
    await api.close();
    await simulator.close();
  });
  afterEach(() => {
    expect(api.lines.filter(({ level }) => level === 'error')).toEqual([]);
    (api.lines as unknown[]).length = 0;
  });

  it.each(allEndpoints.filter(isPart))(
    'no request makes $operationId fail',
    { timeout: 300_000 },
    async (endpoint) => {
      const { operationId } = endpoint;
      const workos = asksWorkos.has(operationId) ? simulator : undefined;
      const vocabulary = await populate(api.test.db, operationId, workos);
      const counts: Counts = new Map();
      const size = { minLength: AT_ONCE, maxLength: AT_ONCE };
      const volley = fc.array(shotsAt(endpoint, vocabulary), size);
      await fc.assert(
        fc.asyncProperty(volley, async (shots) => {
          await Promise.all(shots.map((shot) => fire(api, endpoint, shot, counts)));
        }),
        { numRuns: requestsAt(endpoint) / AT_ONCE },
      );
      const sent = [...counts.values()].reduce((sum, times) => sum + times, 0);
      expect(sent).toBe(requestsAt(endpoint));
      // Generated requests that never got through would prove nothing about what is behind the gate.
      expect(counts.get(endpoint.answer.status)).toBeGreaterThan(0);
    },
  );
}

async function fire(
  api: Api,
  endpoint: AnyEndpoint,
  { path, headers, body }: Shot,
  counts: Counts,
): Promise<void> {
  const sent = new Headers({
    authorization: `Bearer ${api.key.secret}`,
    'content-type': 'application/json',
  });
  // Who cannot sign never gets past the first gate.
  if (endpoint.operationId === 'receiveWebhook' && typeof body === 'string') {
    sent.set('workos-signature', signWebhook(body, webhookSecret, Date.now()));
  }
  for (const [name, value] of headers) sent.set(name, value);
  const response = await api.fetch(
    new Request(`http://x${path}`, {
      method: endpoint.method.toUpperCase(),
      headers: sent,
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
    }),
  );
  const text = await response.text();
  counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
  if (response.status >= 500)
    throw new Error(`${response.status}: ${text}\n${JSON.stringify(api.lines.slice(-4))}`);
  if (response.status < 400) return;
  const { code } = Problem.parse(JSON.parse(text));
  // A path that is broken may be another route, or none.
  if (code === 'route_not_found' || code === 'method_not_allowed') return;
  // Not `expect`: there are tens of thousands of answers.
  if (!errorsOf(endpoint).includes(code)) {
    throw new Error(`\`${code}\` is no error that ${endpoint.operationId} says it has`);
  }
}
