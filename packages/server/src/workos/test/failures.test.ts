import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, startSimulator } from '@rolecall/workos-simulator';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WorkosFailure, WorkosFailure as Failure, workosFailureCodes } from '../failure.ts';
import { type WorkosPort } from '../port.ts';
import { openUngatedPort } from './ungated-port.ts';

const TIMEOUT_MS = 100;
const simulator = await startSimulator({ rateLimits: 'off' });
const address = { apiKey: simulator.apiKey, apiUrl: simulator.url };
const { port, close } = openUngatedPort(address);
const hasty = openUngatedPort({ ...address, timeoutMs: TIMEOUT_MS });
const organization = simulator.dashboard.createOrganization({ name: 'Acme' }).id;
const user = 'ada@acme.example';
const membership = simulator.dashboard.addMember({ organization, user }).id;
simulator.dashboard.createRole({ organization, name: 'Auditor', slug: 'org-auditor' });
afterAll(async () => {
  close();
  hasty.close();
  await simulator.close();
});
beforeEach(() => {
  simulator.requests.clear();
});
afterEach(() => {
  simulator.faults.heal();
});

const role = { name: 'Auditor', description: null };
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
type Method = (typeof methods)[number];
const callBy = (method: Method, by: WorkosPort): Promise<unknown> => {
  switch (method) {
    case 'GET':
      return by.getMembership(membership);
    case 'POST':
      return by.createOrganizationRole(organization, { ...role, slug: 'org-new' });
    case 'PUT':
      return by.setMembershipRoles(membership, ['member']);
    case 'PATCH':
      return by.updateOrganizationRole(organization, 'org-auditor', role);
    case 'DELETE':
      return by.deleteOrganizationRole(organization, 'org-nothing');
  }
};

async function failureOf(work: Promise<unknown>): Promise<WorkosFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return error;
  throw new Error('expected a WorkosFailure', { cause: error });
}

function meeting(method: Method, fault: Fault, by: WorkosPort = port): Promise<WorkosFailure> {
  simulator.faults.add({ fault });
  return failureOf(callBy(method, by));
}

/** What a status means when the body is JSON with a message and no code that we know. */
function expectedFor(status: number, write: boolean): readonly [string, string, boolean] {
  if (status === 401) return ['unauthorized', 'key_refused', false];
  if (status === 403) return ['unauthorized', 'forbidden', false];
  if (status === 404) return ['gone', 'not_found', false];
  if (status === 408 || status >= 500) return ['unavailable', 'server_error', write];
  if (status === 409) return ['conflicting', 'conflict', false];
  if (status === 429) return ['throttled', 'rate_limited', false];
  if (status < 400) return ['malformed', 'unreadable_answer', write];
  return ['rejected', 'invalid_request', false];
}

const statuses = [
  ...[300, 301, 302, 303, 307, 308],
  // Not 421: by the standard, `fetch` itself asks once more on a new connection.
  ...[400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 418, 422],
  ...[423, 425, 428, 429, 431, 451],
  ...[500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 599],
];

describe.each(methods)('%s', (method) => {
  const write = method !== 'GET';

  it.each(statuses)('judges the status %i, and never tries again', async (status) => {
    const body = { message: `It is called '${membership}'.`, code: 'something_new' };
    const failure = await meeting(method, { kind: 'reply', status, body });
    const [kind, code, ambiguous] = expectedFor(status, write);
    expect(failure).toMatchObject({ kind, code, ambiguous, status, remoteCode: 'something_new' });
    expect(simulator.requests.counts().total).toBe(1);
  });

  it.each([200, 201])(
    'takes the status %i with a body of another shape for malformed',
    async (status) => {
      const failure = await meeting(method, { kind: 'reply', status, body: { id: 1 } });
      expect(failure).toMatchObject({
        kind: 'malformed',
        // What a deletion is answered with has no shape: anything at all is too much.
        code: method === 'DELETE' ? 'unreadable_answer' : 'unexpected_answer',
        ambiguous: write,
      });
    },
  );

  it.each([400, 404, 409, 422])('does not believe a %i that is not JSON', async (status) => {
    const failure = await meeting(method, { kind: 'error', status, body: 'html' });
    expect(failure).toMatchObject({
      kind: 'malformed',
      code: 'unreadable_answer',
      ambiguous: write,
    });
  });

  it('does not take an unknown route for an absent thing', async () => {
    const body = { statusCode: 404, message: `Cannot ${method} /x`, error: 'Not Found' };
    const failure = await meeting(method, { kind: 'reply', status: 404, body });
    expect(failure).toMatchObject({ kind: 'malformed', code: 'unreadable_answer' });
  });

  it.each([
    ['drop', undefined],
    ['drop', 'after'],
    ['drop', 'midway'],
  ] as const)('says after a %s (%s) that the connection was lost', async (kind, stage) => {
    if (method === 'DELETE') return; // has no body to be broken in; see the invariant below
    const failure = await meeting(method, { kind, ...(stage && { stage }) });
    expect(failure).toMatchObject({
      kind: 'unavailable',
      code: 'connection_lost',
      ambiguous: write,
      status: null,
    });
    expect(simulator.requests.counts().total).toBe(1);
  });

  it.each([
    { kind: 'hang' },
    { kind: 'hang', stage: 'after' },
    { kind: 'late', ms: 20 },
    { kind: 'delay', ms: 20 * TIMEOUT_MS, stage: 'after' },
  ] as const)('gives up in time on $kind $stage', async (fault) => {
    const began = performance.now();
    const failure = await meeting(method, fault, hasty.port);
    expect(performance.now() - began).toBeLessThan(30 * TIMEOUT_MS);
    expect(failure).toMatchObject({ kind: 'unavailable', code: 'timeout', ambiguous: write });
  });
});

it.each([
  [400, 'external_id_already_used', 'rejected'],
  [409, 'external_id_already_used', 'rejected'],
  [422, 'invalid_role', 'rejected'],
  [422, 'multiple_roles_not_enabled', 'rejected'],
  [409, 'organization_role_slug_conflict', 'conflicting'],
  [409, 'role_has_assignments', 'conflicting'],
  [409, 'role_has_group_role_mappings', 'conflicting'],
] as const)('knows the code of %i `%s`', async (status, code, kind) => {
  const failure = await meeting('PUT', { kind: 'reply', status, body: { code, message: 'no' } });
  expect(failure).toMatchObject({ kind, code, ambiguous: false });
});

it('passes on how long a 429 wants us to wait', async () => {
  const failure = await meeting('GET', { kind: 'throttle', retryAfterSeconds: 7 });
  expect(failure.retryAfterMs).toBe(7_000);
});

it('waits a second after a 429 that does not say', async () => {
  const failure = await meeting('GET', { kind: 'reply', status: 429, body: {} });
  expect(failure.retryAfterMs).toBe(1_000);
});

it('does not believe that a list of everything is absent', async () => {
  simulator.faults.add({ fault: { kind: 'reply', status: 404, body: { message: 'Not found' } } });
  const lists = [
    () => port.listEnvironmentRoles(),
    () => port.listOrganizations(),
    () => port.listUsers(),
  ];
  for (const list of lists) {
    expect(await failureOf(list())).toMatchObject({ kind: 'malformed', code: 'unreadable_answer' });
  }
});

it('knows that what was never connected never left', async () => {
  const gone = await startSimulator();
  await gone.close();
  const nowhere = openUngatedPort({ apiKey: 'sk_test_x', apiUrl: gone.url });
  const unresolved = openUngatedPort({ apiKey: 'sk_test_x', apiUrl: 'http://workos.invalid' });
  for (const away of [nowhere, unresolved]) {
    const failure = await failureOf(away.port.setMembershipRoles('om_1', ['member']));
    expect(failure).toMatchObject({ code: 'not_connected', ambiguous: false });
    away.close();
  }
});

it.each(['', '.', '..'])('does not send an id such as `%s`', async (id) => {
  expect(await failureOf(port.getUser(id))).toMatchObject({ code: 'invalid_argument' });
  expect(simulator.requests.counts().total).toBe(0);
});

it('does not send an empty role set', async () => {
  const failure = await failureOf(port.setMembershipRoles(membership, []));
  expect(failure).toMatchObject({ kind: 'rejected', code: 'invalid_argument' });
  expect(simulator.requests.counts().total).toBe(0);
});

it('keeps ids, keys and words of WorkOS out of the message, and keys out of the cause', async () => {
  const message = `Key ${simulator.apiKey} may not see '${membership}'.`;
  for (const status of [400, 401, 404, 422, 500]) {
    const failure = await meeting('GET', { kind: 'reply', status, body: { message } });
    simulator.faults.clear();
    expect(failure.message).toMatch(
      /^WorkOS call `GET [a-z_/*]+` failed: [a-z]+, [a-z_]+ \(status \d+\)$/,
    );
    const cause = String(failure.cause);
    expect(cause).toContain('may not see');
    expect(cause).not.toContain(simulator.apiKey);
  }
});

it('gives up what is in flight when it is closed, and sends nothing afterwards', async () => {
  const other = openUngatedPort({ apiKey: simulator.apiKey, apiUrl: simulator.url });
  simulator.faults.add({ fault: { kind: 'hang' } });
  const work = failureOf(other.port.setMembershipRoles(membership, ['member']));
  await sleep(50);
  other.close();
  expect(await work).toMatchObject({ code: 'closed', ambiguous: true });
  const after = await failureOf(other.port.getMembership(membership));
  expect(after).toMatchObject({ code: 'closed', ambiguous: false });
  expect(simulator.requests.counts().total).toBe(1);
});

/** Waits until nothing can take effect any more. */
async function settled(): Promise<void> {
  for (;;) {
    const { lateWrites, requestsInFlight } = simulator.faults.pending();
    if (lateWrites + requestsInFlight === 0) return;
    await sleep(10);
  }
}

describe('INVARIANT (honest ambiguity): a write that is not ambiguous has not taken effect', () => {
  const faults: readonly Fault[] = [
    { kind: 'delay', ms: 2 * TIMEOUT_MS },
    { kind: 'delay', ms: 2 * TIMEOUT_MS, stage: 'after' },
    { kind: 'throttle' },
    { kind: 'error', status: 500 },
    { kind: 'error', status: 500, stage: 'after' },
    { kind: 'error', status: 502, stage: 'after', body: 'html' },
    { kind: 'error', status: 408, stage: 'after' },
    { kind: 'error', status: 404, stage: 'after', body: 'html' },
    { kind: 'hang' },
    { kind: 'hang', stage: 'after' },
    { kind: 'drop' },
    { kind: 'drop', stage: 'after' },
    { kind: 'drop', stage: 'midway' },
    { kind: 'late', ms: TIMEOUT_MS / 2 },
    { kind: 'late', ms: 2 * TIMEOUT_MS, then: 'drop' },
  ];
  const writes: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
    POST: (name) =>
      hasty.port.createOrganizationRole(organization, { ...role, slug: `org-${name}` }),
    PUT: (name) => hasty.port.updateOrganization(organization, { metadata: { write: name } }),
    PATCH: (name) =>
      hasty.port.updateOrganizationRole(organization, 'org-auditor', { description: name }),
    DELETE: (name) => hasty.port.deleteOrganizationRole(organization, `org-${name}`),
  };
  let made = 0;

  it.each(faults.flatMap((fault) => Object.keys(writes).map((method) => ({ method, ...fault }))))(
    '$method meets $kind $stage $status',
    async ({ method, ...fault }) => {
      made += 1;
      const name = `thing-${made}`;
      if (method === 'DELETE') {
        simulator.dashboard.createRole({ organization, name, slug: `org-${name}` });
      }
      const stateNow = () => JSON.stringify({ ...simulator.state(), now: '' });
      const before = stateNow();
      simulator.faults.add({ fault });
      const failure = await writes[method]?.(name).then(
        () => undefined,
        (error: unknown) => error as WorkosFailure,
      );
      simulator.faults.clear();
      await settled();
      const took = stateNow() !== before;
      if (failure === undefined) expect(took).toBe(true);
      else if (!failure.ambiguous) expect(took).toBe(false);
      else expect(['unavailable', 'malformed']).toContain(failure.kind);
    },
  );
});

it('has a closed list of codes, each of one kind', () => {
  const codes = Object.values(workosFailureCodes).flat();
  expect(new Set(codes).size).toBe(codes.length);
});
