import {
  allEndpoints,
  type AnyEndpoint,
  buildOpenApiDocument,
  errorsOf,
  Problem,
} from '@rolecall/contract';
import { buildApiKey, buildMember, buildOrganization, buildRole } from '@rolecall/testkit';
import { query } from '@rolecall/server/database';
import fc from 'fast-check';
import { afterAll, afterEach, expect, it } from 'vitest';
import { signWebhook, startSimulator } from '@rolecall/workos-simulator';
import { startApi, webhookSecret } from '../api.ts';
import { type Schema, valuesOf, type Vocabulary } from './from-schema.ts';
import { nastyText, rawBody } from './junk.ts';

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

const simulator = await startSimulator({ rateLimits: 'off' });
const api = await startApi({
  workos: { apiKey: simulator.apiKey, apiUrl: simulator.url, webhookSecrets: [webhookSecret] },
});
afterAll(async () => {
  await api.close();
  await simulator.close();
});
const { db } = api.test;
const document = buildOpenApiDocument('0.0.0');
const components = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: Schema } };
  };
}

/** Something of everything, so that generated requests get past the first gate. */
async function populate(operation: string): Promise<Vocabulary> {
  const id = `fuzz-${operation}`;
  const remote = asksWorkos.has(operation) && simulator.dashboard.createOrganization({ name: id });
  const { adminRoleId, memberRoleId } = await buildOrganization(db, {
    id,
    ...(remote !== false && { workosId: remote.id }),
  });
  const roles = [];
  for (let n = 0; n < 3; n += 1)
    roles.push(await buildRole(db, id, { name: `Role ${n} of ${id}` }));
  const roleIds = [adminRoleId, memberRoleId, ...roles.map((role) => role.id)];
  const users = [`root@${id}`, `a@${id}`, `b@${id}`];
  await buildMember(db, id, { userId: users[0] ?? '', roleIds: [adminRoleId] });
  for (const userId of users.slice(1))
    await buildMember(db, id, { userId, roleIds: [memberRoleId] });
  const key = await buildApiKey(db, { organizationId: id, secret: `rk_check_${id}` });
  const entityIds = await buildEntities(id, roles);
  return {
    org: [id],
    role_id: roleIds,
    role_ids: roleIds,
    user_id: users,
    member_ids: users,
    id: [...users, key.id, ...entityIds, ...entityIds],
    organization_id: [id],
    side: ['here', 'there'],
    state: ['idle', 'planned', 'parked', 'quarantined'],
    principal: [
      ...users.map((user) => `user:${user}`),
      `api_key:${key.id}`,
      `role:global:${adminRoleId}`,
    ],
    scope: [
      'org:admin',
      'org:read',
      'project:read',
      'project:write',
      'mcp:connect',
      'environment:read',
      'root',
    ],
    resource_kind: ['project', 'mcp', 'org', 'environment'],
    resource_id: ['p1', 'p2', '*', id],
    resource_ids: ['p1', 'p2', 'p3'],
    key: ['r1', 'r2', 'r3'],
    roles: ['r1', 'r2', 'admin', 'member'],
    name: ['Role', 'Support', 'Администратор'],
    limit: ['1', '2', '1000'],
  };
}

/** An entity that waits for a person, for each role; a linked organization has been looked at once. */
async function buildEntities(
  id: string,
  roles: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  await query(db, {
    text: `INSERT INTO rolecall.sync_organizations (organization_id)
      SELECT id FROM rolecall.organizations WHERE id = $1 AND workos_id IS NOT NULL`,
    values: [id],
  });
  const rows = await query<{ readonly id: string }>(db, {
    text: `INSERT INTO rolecall.sync_entities
        (organization_id, kind, subject_id, local_version, priority, state, reason, next_attempt_at)
      SELECT $1, 'organization_role', role, 1, 1, 'planned', 'differs_at_link', NULL
        FROM unnest($2::text[]) AS role
      ON CONFLICT (organization_id, kind, subject_id)
        DO UPDATE SET state = 'planned', reason = 'differs_at_link' RETURNING id`,
    values: [id, roles.map((role) => role.id)],
  });
  return rows.map((row) => row.id);
}

interface Shot {
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array | undefined;
}

function pathSegment(name: string, vocabulary: Vocabulary): fc.Arbitrary<string> {
  const known = (vocabulary[name] ?? ['x']).map(encodeURIComponent);
  return fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 8 },
    { arbitrary: nastyText.map((text) => encodeURIComponent(text.toWellFormed())), weight: 1 },
    {
      arbitrary: fc.constantFrom('%', '%zz', '%00', '%ff', '%2F', '%2e%2e', '%E0%A4%A', ';', '@'),
      weight: 1,
    },
  );
}

const headerText = fc.oneof(
  nastyText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')),
  fc.constantFrom(
    '"1"',
    '"2"',
    '*',
    'W/"1"',
    '"x"',
    '1',
    'user:nobody',
    'application/json',
    '0',
    '-5',
  ),
);

function headersOf(): fc.Arbitrary<readonly (readonly [string, string])[]> {
  const name = fc.constantFrom(
    'if-match',
    'idempotency-key',
    'rolecall-actor',
    'x-request-id',
    'content-type',
    'content-encoding',
    'content-length',
    'transfer-encoding',
    'authorization',
    'accept',
  );
  const some = fc.array(fc.tuple(name, headerText), { maxLength: 2 });
  return fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: some, weight: 1 });
}

function queryOf(operation: Operation, vocabulary: Vocabulary): fc.Arbitrary<string> {
  const names = (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name);
  const name = fc.oneof(
    fc.constantFrom('limit', ...names),
    nastyText.map((text) => text.toWellFormed()),
  );
  const known = names.flatMap((one) => vocabulary[one] ?? []);
  const value = fc.oneof(fc.constantFrom('abc', 'active', ...known), nastyText);
  const pair = fc
    .tuple(name, value)
    .map(([key, text]) => `${encodeURIComponent(key)}=${encodeURIComponent(text.toWellFormed())}`);
  const some = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
  const broken = fc.constantFrom('?', '?&', '?=', '?%', '?a=%zz', '?limit', '?limit=%00');
  const rate = names.length > 0 ? 5 : 1;
  return fc.oneof(
    { arbitrary: fc.constant(''), weight: 4 },
    { arbitrary: some, weight: rate },
    { arbitrary: broken, weight: 1 },
  );
}

function shotsAt(endpoint: AnyEndpoint, vocabulary: Vocabulary): fc.Arbitrary<Shot> {
  const operation = document.paths?.[endpoint.path]?.[endpoint.method] as unknown as Operation;
  const segments = endpoint.path.split('/').map((step) => {
    const name = /^\{(\w+)\}$/.exec(step)?.[1];
    return name === undefined ? fc.constant(step) : pathSegment(name, vocabulary);
  });
  const schema = operation.requestBody?.content['application/json'].schema ?? {};
  const world = { components, vocabulary };
  const body = fc.oneof(
    { arbitrary: valuesOf(schema, world, 0).map((value) => JSON.stringify(value)), weight: 5 },
    { arbitrary: valuesOf(schema, world, 0.05).map((value) => JSON.stringify(value)), weight: 8 },
    { arbitrary: valuesOf(schema, world, 0.4).map((value) => JSON.stringify(value)), weight: 3 },
    { arbitrary: rawBody, weight: 3 },
  );
  return fc.record({
    path: fc
      .tuple(fc.tuple(...segments), queryOf(operation, vocabulary))
      .map(([steps, query]) => steps.join('/') + query),
    headers: headersOf(),
    body: endpoint.method === 'get' ? fc.constant(undefined) : body,
  });
}

async function fire(endpoint: AnyEndpoint, { path, headers, body }: Shot): Promise<void> {
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
  count(endpoint, response.status);
  if (response.status >= 500)
    throw new Error(`${response.status}: ${text}\n${JSON.stringify(api.lines.slice(-4))}`);
  if (response.status < 400) return;
  const { code } = Problem.parse(JSON.parse(text));
  // A path that is broken may be another route, or none.
  if (code !== 'route_not_found' && code !== 'method_not_allowed') {
    expect(errorsOf(endpoint)).toContain(code);
  }
}

/** How often each endpoint answered with each status. */
const answered = new Map<string, Map<number, number>>();

function count({ operationId }: AnyEndpoint, status: number): void {
  const counts = answered.get(operationId) ?? new Map<number, number>();
  counts.set(status, (counts.get(status) ?? 0) + 1);
  answered.set(operationId, counts);
}

afterEach(() => {
  expect(api.lines.filter(({ level }) => level === 'error')).toEqual([]);
  (api.lines as unknown[]).length = 0;
});

it.each(allEndpoints)(
  'no request makes $operationId fail',
  { timeout: 300_000 },
  async (endpoint) => {
    const vocabulary = await populate(endpoint.operationId);
    const volley = fc.array(shotsAt(endpoint, vocabulary), {
      minLength: AT_ONCE,
      maxLength: AT_ONCE,
    });
    await fc.assert(
      fc.asyncProperty(volley, async (shots) => {
        await Promise.all(shots.map((shot) => fire(endpoint, shot)));
      }),
      { numRuns: requestsAt(endpoint) / AT_ONCE },
    );
    const counts = answered.get(endpoint.operationId) ?? new Map<number, number>();
    const sent = [...counts.values()].reduce((sum, times) => sum + times, 0);
    expect(sent).toBe(requestsAt(endpoint));
    // Generated requests that never got through would prove nothing about what is behind the gate.
    expect(counts.get(endpoint.answer.status)).toBeGreaterThan(0);
  },
);
