import type { WorkOS } from '@workos-inc/node';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Fault, Simulator } from '../src/index.ts';
import { call, clientOf, start } from './harness.ts';

let simulator: Simulator;
let workos: WorkOS;
let organizationId: string;

beforeEach(async () => {
  simulator = await start();
  workos = clientOf(simulator);
  organizationId = simulator.dashboard.createOrganization({ name: 'Acme' }).id;
});

function strikeWrites(fault: Fault): void {
  simulator.faults.add({ match: { method: 'POST' }, times: 1, fault });
}

function createRole(client = workos): Promise<unknown> {
  return client.authorization.createOrganizationRole(organizationId, { slug: 'org-x', name: 'X' });
}

function roleExists(): boolean {
  return simulator.state().roles.some((role) => role['slug'] === 'org-x');
}

/** A client that gives up soon. */
function impatient(): WorkOS {
  return clientOf(simulator, { timeout: 100 });
}

describe('an error', () => {
  test('before the effect leaves nothing behind', async () => {
    strikeWrites({ kind: 'error', status: 503 });
    await expect(createRole()).rejects.toMatchObject({ status: 503 });
    expect(roleExists()).toBe(false);
    await createRole();
    expect(roleExists()).toBe(true);
  });

  test('after the effect looks the same to the caller', async () => {
    strikeWrites({ kind: 'error', status: 500, stage: 'after' });
    await expect(createRole()).rejects.toMatchObject({ status: 500 });
    expect(roleExists()).toBe(true);
  });

  test('may come from a proxy that speaks HTML', async () => {
    strikeWrites({ kind: 'error', status: 502, body: 'html' });
    await expect(createRole()).rejects.toMatchObject({ cause: { rawStatus: 502 } });
  });
});

describe('a broken connection', () => {
  test('before the effect leaves nothing behind', async () => {
    strikeWrites({ kind: 'drop' });
    await expect(createRole()).rejects.toThrow();
    expect(roleExists()).toBe(false);
  });

  test('after the effect looks the same to the caller', async () => {
    strikeWrites({ kind: 'drop', stage: 'after' });
    await expect(createRole()).rejects.toThrow();
    expect(roleExists()).toBe(true);
  });

  test('may come in the middle of the answer', async () => {
    strikeWrites({ kind: 'drop', stage: 'midway' });
    const response = await fetch(
      `${simulator.url}/authorization/organizations/${organizationId}/roles`,
      {
        method: 'POST',
        headers: { Authorization: `Bearer ${simulator.apiKey}` },
        body: JSON.stringify({ slug: 'org-x', name: 'X' }),
      },
    );
    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow();
    expect(roleExists()).toBe(true);
  });
});

describe('a silence', () => {
  test('before the effect makes the caller give up, and nothing happens', async () => {
    strikeWrites({ kind: 'hang' });
    await expect(createRole(impatient())).rejects.toMatchObject({ status: 408 });
    expect(roleExists()).toBe(false);
    await vi.waitFor(() => {
      expect(simulator.requests.list({ method: 'POST' })[0]?.outcome).toBe('hung');
    });
  });

  test('after the effect makes the caller give up on what has happened', async () => {
    strikeWrites({ kind: 'hang', stage: 'after' });
    await expect(createRole(impatient())).rejects.toMatchObject({ status: 408 });
    expect(roleExists()).toBe(true);
  });

  test('ends with a broken connection when it has a limit', async () => {
    strikeWrites({ kind: 'hang', maxMs: 50 });
    await expect(createRole()).rejects.toThrow('fetch failed');
  });
});

describe('a write that takes effect late', () => {
  test('does so after its caller has given up', async () => {
    strikeWrites({ kind: 'late', ms: 300 });
    await expect(createRole(impatient())).rejects.toMatchObject({ status: 408 });
    expect(roleExists()).toBe(false);
    expect(simulator.faults.pending().lateWrites).toBe(1);
    await vi.waitFor(() => {
      expect(roleExists()).toBe(true);
    });
    expect(simulator.faults.pending().lateWrites).toBe(0);
  });

  test('may overwrite what was written in between', async () => {
    await createRole();
    const rename = (name: string): Promise<unknown> =>
      workos.authorization.updateOrganizationRole(organizationId, 'org-x', { name });
    simulator.faults.add({
      match: { method: 'PATCH' },
      times: 1,
      fault: { kind: 'late', ms: 150, then: 'drop' },
    });
    await expect(rename('Old')).rejects.toThrow();
    await rename('New');
    await vi.waitFor(() => {
      expect(simulator.state().roles.at(-1)?.['name']).toBe('Old');
    });
  });

  test('is also what a delay makes of a caller who does not wait', async () => {
    strikeWrites({ kind: 'delay', ms: 250 });
    await expect(createRole(impatient())).rejects.toMatchObject({ status: 408 });
    expect(roleExists()).toBe(false);
    await vi.waitFor(() => {
      expect(roleExists()).toBe(true);
    });
  });
});

describe('a limit of requests', () => {
  test('is told with the time to come back', async () => {
    strikeWrites({ kind: 'throttle', retryAfterSeconds: 7 });
    await expect(createRole()).rejects.toMatchObject({ status: 429, retryAfter: 7 });
    expect(roleExists()).toBe(false);
  });

  test('is kept without any fault: the 501st write of user management has to wait', async () => {
    const body = { email: 'nobody' };
    const write = (): Promise<{ status: number }> =>
      call(simulator, 'POST', '/user_management/users', body);
    for (let index = 0; index < 500; index += 50) {
      await Promise.all(Array.from({ length: 50 }, write));
    }
    expect((await write()).status).toBe(429);
    const usage = simulator.rateLimits().find((one) => one.name === 'user_management_writes');
    expect(usage).toMatchObject({ admitted: 500, rejected: 1, peak: 500 });
  });
});

describe('an answer', () => {
  test('may be another one altogether', async () => {
    simulator.faults.add({
      match: { path: '/events' },
      fault: { kind: 'reply', status: 403, body: { message: 'Forbidden' } },
    });
    await expect(workos.events.listEvents({ events: ['user.created'] })).rejects.toMatchObject({
      status: 403,
    });
  });

  test('may have fields that nobody has heard of', async () => {
    simulator.faults.add({ fault: { kind: 'drift' } });
    const { status, body } = await call(simulator, 'GET', `/organizations/${organizationId}`);
    expect(status).toBe(200);
    expect(body).toHaveProperty('introduced_later');
    const list = await call(simulator, 'GET', '/organizations');
    expect(list.body).toMatchObject({
      data: [{ introduced_later: { nested: ['value'] } }],
      introduced_later: {},
    });
  });

  test('may lack some items of a list', async () => {
    for (let index = 0; index < 20; index += 1) {
      simulator.dashboard.addMember({ organization: 'Acme', user: `u${index}@acme.example` });
    }
    simulator.faults.add({ times: 1, fault: { kind: 'omit', share: 0.5 } });
    const list = (): Promise<{ data: unknown[] }> =>
      workos.userManagement.listOrganizationMemberships({ organizationId, limit: 100 });
    const short = await list();
    expect(short.data.length).toBeGreaterThan(2);
    expect(short.data.length).toBeLessThan(18);
    expect((await list()).data).toHaveLength(20);
  });
});

describe('the environment', () => {
  test('may be away altogether, and is back as it was', async () => {
    simulator.faults.outage('error');
    await expect(createRole()).rejects.toThrow();
    simulator.faults.outage('drop');
    await expect(createRole()).rejects.toThrow('fetch failed');
    simulator.faults.outage('hang');
    await expect(createRole(impatient())).rejects.toMatchObject({ status: 408 });
    simulator.faults.outage(null);
    await createRole();
    expect(simulator.faults.struck()).toMatchObject({
      outage_error: 1,
      outage_drop: 1,
      outage_hang: 1,
    });
  });

  test('may revoke the key and accept a new one', async () => {
    simulator.faults.revokeKey();
    await expect(createRole()).rejects.toMatchObject({ status: 401 });
    const key = simulator.faults.addKey();
    expect(key).not.toBe(simulator.apiKey);
    await createRole(clientOf(simulator, { apiKey: key }));
    await expect(workos.organizations.listOrganizations()).rejects.toMatchObject({ status: 401 });
  });

  test('may give the old key back', async () => {
    simulator.faults.revokeKey();
    simulator.faults.restoreKey();
    await createRole();
    expect(roleExists()).toBe(true);
  });
});

test('healing ends everything', async () => {
  const { faults } = simulator;
  faults.add({ fault: { kind: 'drop' } });
  faults.chaos({ rate: 1 });
  faults.outage('drop');
  faults.revokeKey();
  faults.events({ rate: 1, ms: [60_000, 60_000], newestFirst: true });
  simulator.dashboard.renameOrganization({ organization: 'Acme', name: 'Acme 2' });
  expect(faults.pending().lateEvents).toBe(1);
  faults.heal();
  expect(faults.pending().lateEvents).toBe(0);
  const page = await workos.events.listEvents({
    events: ['organization.created', 'organization.updated'],
  });
  expect(page.data.map((event) => event.event)).toEqual([
    'organization.created',
    'organization.updated',
  ]);
});

test('under chaos every kind of fault strikes, and the state stays in order', async () => {
  simulator.faults.chaos({ rate: 0.9, hangMs: 20, delayMs: 5, lateMs: 30 });
  const attempts = Array.from({ length: 300 }, (_, index) =>
    call(simulator, 'POST', `/authorization/organizations/${organizationId}/roles`, {
      slug: `org-${index}`,
      name: 'Chaos',
    }).catch(() => null),
  );
  await Promise.all(attempts);
  await vi.waitFor(() => {
    expect(simulator.faults.pending()).toMatchObject({ lateWrites: 0, requestsInFlight: 0 });
  });
  expect(Object.keys(simulator.faults.struck()).toSorted()).toEqual([
    'delay_before',
    'drop_after',
    'drop_before',
    'drop_midway',
    'error_after',
    'error_before',
    'hang_after',
    'hang_before',
    'late_hang',
    'throttle',
  ]);
  expect(simulator.inconsistencies()).toEqual([]);
});
