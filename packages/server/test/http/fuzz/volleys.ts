import { allEndpoints, type AnyEndpoint, errorsOf, Problem } from '@rolecall/contract';
import fc from 'fast-check';
import { afterAll, afterEach, expect, it } from 'vitest';
import { signWebhook, startSimulator } from '@rolecall/workos-simulator';
import { type Api, startApi, webhookSecret } from '../api.ts';
import { type Vocabulary } from './from-schema.ts';
import { populate } from './populate.ts';
import { type Shot, shotsAt } from './shots.ts';

/** Requests at each endpoint: more where there is a body to generate. */
const isLong = process.env['ROLECALL_LONG'] !== undefined;
const WITH_BODY = isLong ? 20_000 : 2_000;
const WITHOUT_BODY = isLong ? 2_000 : 400;
/** They are sent many at a time, so that they also meet each other. */
const AT_ONCE = 40;

/** Each of these asks WorkOS several times about an organization that is linked, and not at all about another. */
const asksWorkos: ReadonlySet<string> = new Set(['findSyncDrift', 'repairSync', 'chooseSyncSide']);
const LINKED = isLong ? 2_000 : 200;

function requestsAt({ method }: AnyEndpoint): number {
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

  it.each(inOrder(allEndpoints.filter(isPart)))(
    'no request makes $operationId fail',
    { timeout: 300_000 },
    async (endpoint) => {
      const { operationId } = endpoint;
      const linked = asksWorkos.has(operationId) ? LINKED : 0;
      const counts: Counts = new Map();
      if (linked > 0) {
        const vocabulary = await populate(api.test.db, `${operationId}-linked`, simulator);
        await fireMany(api, endpoint, { vocabulary, times: linked, counts });
      }
      const vocabulary = await populate(api.test.db, operationId);
      await fireMany(api, endpoint, { vocabulary, times: requestsAt(endpoint) - linked, counts });
      const sent = [...counts.values()].reduce((sum, times) => sum + times, 0);
      expect(sent).toBe(requestsAt(endpoint));
      // Generated requests that never got through would prove nothing about what is behind the gate.
      expect(counts.get(endpoint.answer.status)).toBeGreaterThan(0);
    },
  );
}

/** The figures come first: they say more, and take longer, the more has been answered before. */
function inOrder(endpoints: readonly AnyEndpoint[]): readonly AnyEndpoint[] {
  const isOfFigures = ({ operationId }: AnyEndpoint): boolean => operationId === 'metrics';
  return [...endpoints.filter(isOfFigures), ...endpoints.filter((one) => !isOfFigures(one))];
}

/** Generated requests about one organization. */
interface Volley {
  readonly vocabulary: Vocabulary;
  readonly times: number;
  readonly counts: Counts;
}

async function fireMany(
  api: Api,
  endpoint: AnyEndpoint,
  { vocabulary, times, counts }: Volley,
): Promise<void> {
  const size = { minLength: AT_ONCE, maxLength: AT_ONCE };
  const volley = fc.array(shotsAt(endpoint, vocabulary), size);
  await fc.assert(
    fc.asyncProperty(volley, async (shots) => {
      await Promise.all(shots.map((shot) => fire(api, endpoint, shot, counts)));
    }),
    { numRuns: times / AT_ONCE, endOnFailure: true },
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
