import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import {
  buildApiKey,
  buildOrganization,
  createTestDatabase,
  startOwnServer,
} from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/index.ts';
import { openDatabase, runMigrations } from '../../src/database/index.ts';
import { createApp } from '../../src/http/index.ts';
import { expectProblem, holdToContract, startApi } from './api.ts';

const shutdown = { requested: false };
const api = await startApi({ isShuttingDown: () => shutdown.requested });
afterAll(() => api.close());
const { call, ok, test } = api;

describe('health', () => {
  it('is alive and ready without a key', async () => {
    expect((await call('GET', '/healthz', { as: null })).body).toEqual({ status: 'ok' });
    expect((await call('GET', '/readyz', { as: null })).body).toMatchObject({ status: 'ok' });
  });

  it('says what is held in memory, and how fresh it is', async () => {
    const { database } = test;
    const access = createAccess({ database, policy: builtinPolicy });
    const app = createApp({ database, access, policy: builtinPolicy });
    const ready = async () =>
      (await holdToContract('GET', '/readyz', await app.request('/readyz'))).body;
    expect(await ready()).toMatchObject({
      memory: { mode: 'database', principals: 0 },
      freshness: { confirmed: false, staleness_ms: null },
    });
    await access.start();
    const { id } = await buildOrganization(test.db);
    await access.principal(id, 'user:nobody');
    expect(await ready()).toMatchObject({
      memory: { mode: 'memory', organizations: 1, principals: 1, max_bytes: 268_435_456 },
      freshness: { confirmed: true, bound_ms: 2_000, notifications: 'listening' },
    });
    const metrics = await (await app.request('/metrics')).text();
    expect(metrics).toMatch(/^rolecall_access_held\{what="principals"\} 1$/m);
    expect(metrics).toMatch(/^rolecall_access_staleness_seconds 0\.\d+$/m);
    expect(metrics).toMatch(/^rolecall_access_listening 1$/m);
    expect(metrics).toMatch(/^rolecall_access_reads_total\{from="load"\} 1$/m);
    await access.close();
  });

  it('is not ready while it shuts down, and still alive', async () => {
    shutdown.requested = true;
    expectProblem(await call('GET', '/readyz'), 'shutting_down');
    expect((await call('GET', '/healthz')).status).toBe(200);
    shutdown.requested = false;
  });

  it('is not ready on a database without its migrations', async () => {
    const empty = await createTestDatabase({ empty: true });
    const { database } = empty;
    const app = createApp({
      database,
      access: createAccess({ database, policy: builtinPolicy }),
      policy: builtinPolicy,
    });
    const ready = async () => holdToContract('GET', '/readyz', await app.request('/readyz'));
    const answer = await ready();
    expect(expectProblem(answer, 'database_unavailable').detail).toBe(
      'the database has another schema than this version',
    );
    expect(answer.headers.get('retry-after')).toBe('5');
    await runMigrations(empty.url);
    expect((await ready()).status).toBe(200);
    await empty.close();
  });
});

describe('metrics', () => {
  it('count requests by the template of their route, and decisions', async () => {
    const { id } = await buildOrganization(test.db);
    const checks = [{ scope: 'project:read', resource_id: 'p1' }];
    await ok('check', { params: { org: id }, body: { principal: 'user:nobody', checks } });
    const { body } = await ok('metrics');
    expect(body).toMatch(
      /^rolecall_http_request_duration_seconds_count\{method="POST",route="\/v1\/organizations\/\{org\}\/check",status="200"\} 1$/m,
    );
    expect(body).toMatch(/^rolecall_decisions_total\{question="check",answer="denied"\} 1$/m);
    expect(body).toMatch(/^rolecall_build_info\{version="\d+\.\d+\.\d+",node="v\d+/m);
    expect(body).toMatch(/^rolecall_database_connections\{state="idle"\} \d+$/m);
    expect(body).toMatch(/^rolecall_access_memory_bytes \d+$/m);
    expect(body).not.toContain(id);
  });

  it('do not let callers make up labels', async () => {
    await call('GET', '/made/up/path');
    await api.fetch(new Request('http://x/v1/organizations', { method: 'BREW' }));
    const { body } = await ok('metrics');
    expect(body).toContain('route="unmatched"');
    expect(body).toContain('method="other"');
    expect(body).not.toMatch(/made\/up|BREW/);
  });
});

describe('the reference', () => {
  it('is served as a document for tools and a page for people', async () => {
    const json = await api.fetch(new Request('http://x/openapi.json'));
    expect(((await json.json()) as { openapi: string }).openapi).toBe('3.1.0');
    const page = await api.fetch(new Request('http://x/docs'));
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(await page.text()).toMatch(/^<!doctype html>/);
  });
});

describe('a database that is away', () => {
  it('is said as 503 with Retry-After, and work goes on when it is back', async () => {
    // A crash must not lose what was committed, as it does on the fast settings of other tests.
    const server = await startOwnServer({ synchronous_commit: 'on' });
    await runMigrations(server.url);
    const database = openDatabase({ url: server.url });
    const lines: string[] = [];
    const log = (fields: unknown, message: string) => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    const app = createApp({
      database,
      access: createAccess({ database, policy: builtinPolicy }),
      policy: builtinPolicy,
      logger: { info: log, warn: log, error: log },
    });
    const { secret } = await buildApiKey(database.db, { secret: 'rk_manage_here' });
    const org = await buildOrganization(database.db, { id: 'acme' });
    const ask = async (method: string, path: string, body?: unknown) => {
      const response = await app.request(path, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return holdToContract(method, path, response);
    };
    const path = `/v1/organizations/${org.id}`;
    const checks = [{ scope: 'project:read', resource_id: 'p1' }];
    const question = { principal: 'user:a', checks };
    expect((await ask('GET', path)).status).toBe(200);

    await server.stop('immediate');
    for (const answer of [
      await ask('GET', path),
      await ask('POST', `${path}/roles`, { name: 'x', grants: [] }),
      await ask('POST', `${path}/check`, question),
      await ask('GET', '/readyz'),
    ]) {
      expectProblem(answer, 'database_unavailable');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await ask('GET', '/healthz')).status).toBe(200);
    expect(lines.some((line) => line.startsWith('outage'))).toBe(true);

    await server.start();
    let answer = await ask('GET', '/readyz');
    for (let tries = 0; answer.status !== 200 && tries < 50; tries += 1) {
      await sleep(100);
      answer = await ask('GET', '/readyz');
    }
    expect(answer.status).toBe(200);
    expect((await ask('POST', `${path}/check`, question)).status).toBe(200);
    await database.close();
    await server.close();
  });
});
