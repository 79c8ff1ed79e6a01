import { randomUUID } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { builtinPolicy } from '@rolecall/policy';
import { buildApiKey, buildMember, buildOrganization } from '@rolecall/testkit';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccess } from '../../src/access/index.ts';
import { query } from '../../src/database/index.ts';
import { createServers } from '../../src/http/index.ts';
import { startApi } from './api.ts';

/*
 * One server answers plain questions the short way and hands everything else on; another one hands
 * everything on. Nobody can tell them apart by what they say.
 */
const LONG = process.env['ROLECALL_LONG'] === '1';
const api = await startApi();
const { test } = api;
const { database } = test;
const access = createAccess({ database, policy: builtinPolicy });
await access.start();
const { app, direct } = createServers({ database, access, policy: builtinPolicy });
const routes = getRequestListener(app.fetch, { overrideGlobalObjects: false });
let handedOn = 0;
const short = createServer((incoming, outgoing) => {
  direct(incoming, outgoing, (...args) => {
    handedOn += 1;
    return routes(...args);
  });
});
const long = createServer((incoming, outgoing) => {
  void routes(incoming, outgoing);
});
for (const server of [short, long]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}
afterAll(async () => {
  for (const server of [short, long]) server.close();
  await access.close();
  await api.close();
});

const acme = await buildOrganization(test.db, { id: 'acme' });
await buildOrganization(test.db, { id: 'globex' });
await buildMember(test.db, 'acme', { userId: 'alice', roleIds: [acme.adminRoleId] });
await buildMember(test.db, 'acme', { userId: 'bob', roleIds: [acme.memberRoleId] });
const newKey = async (plan: Parameters<typeof buildApiKey>[1]) =>
  (await buildApiKey(test.db, { ...plan, secret: `rk_${randomUUID()}` })).secret;
const key = await newKey({ scope: 'check' });
const keyOfGlobex = await newKey({ scope: 'check', organizationId: 'globex' });

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  /** Names and values, one after the other; a name may come twice. */
  readonly headers?: readonly string[];
  readonly chunked?: boolean;
  /** Keeps connections; each question has one of its own otherwise. */
  readonly agent?: Agent;
}

interface Said {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(server: typeof short, asked: Asked): Promise<Said> {
  const { port } = server.address() as AddressInfo;
  const { path = '/v1/organizations/acme/check', method = 'POST', body = '', chunked } = asked;
  const headers = [...(asked.headers ?? plainHeaders), 'X-Request-ID', 'r1', 'Host', 'rolecall'];
  const length = chunked === true ? [] : ['Content-Length', String(Buffer.byteLength(body))];
  return new Promise((resolve, reject) => {
    const outgoing = send(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: [...headers, ...length],
        agent: asked.agent ?? false,
      },
      (incoming: IncomingMessage) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode,
            headers: whatCounts(incoming.headers),
            body: text,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Headers without the time, and without how the length of the body is told. */
function whatCounts(headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  const left = new Set(['date', 'content-length', 'transfer-encoding']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
}

const headersOf = (secret: string) => [
  'Authorization',
  `Bearer ${secret}`,
  'Content-Type',
  'application/json',
];
const plainHeaders = headersOf(key);
const question = {
  principal: 'user:alice',
  checks: [{ scope: 'project:read', resource_id: 'p1' }],
};
const json = JSON.stringify(question);

/** What the short way says, after it was made sure that the long way says the same. */
async function sayBoth(asked: Asked): Promise<Said & { readonly short: boolean }> {
  const before = handedOn;
  const said = await ask(short, asked);
  const isShort = handedOn === before;
  const other = await ask(long, asked);
  expect(said.status).toBe(other.status);
  expect(said.body).toBe(other.body);
  expect(said.headers).toEqual(other.headers);
  return { ...said, short: isShort };
}

beforeEach(async () => {
  // Everybody who is asked about is in memory, and so are the keys.
  for (const secret of [key, keyOfGlobex]) {
    const headers = ['Authorization', `Bearer ${secret}`, 'Content-Type', 'application/json'];
    await ask(long, { headers, path: '/v1/organizations/globex/check', body: json });
  }
  for (const principal of ['user:alice', 'user:bob', 'user:nobody']) {
    await ask(long, { body: JSON.stringify({ ...question, principal }) });
  }
});

describe('the short way', () => {
  it.each([
    ['a check', {}],
    [
      'a filter',
      {
        path: '/v1/organizations/acme/filter',
        body: { principal: 'user:bob', scope: 'project:read', resource_ids: ['p1', 'ü', 'p1'] },
      },
    ],
    ['a denial', { body: { ...question, principal: 'user:nobody' } }],
    [
      'many checks',
      {
        body: {
          ...question,
          require: 'any',
          checks: Array.from({ length: 1_000 }, () => question.checks[0]),
        },
      },
    ],
    [
      'an invalid check',
      {
        body: {
          ...question,
          checks: [...question.checks, { scope: 'project:fly', resource_id: 'p1' }],
        },
      },
    ],
    [
      'a wildcard',
      { body: { ...question, checks: [{ scope: 'project:read', resource_id: '*' }] } },
    ],
    [
      'dimensions',
      {
        body: {
          ...question,
          checks: [{ scope: 'mcp:read', resource_id: 's', dimensions: { tool: 't' } }],
        },
      },
    ],
    ['the mode `cached`', { body: { ...question, consistency: { mode: 'cached' } } }],
    [
      'a charset',
      {
        headers: [
          'Authorization',
          `Bearer ${key}`,
          'Content-Type',
          'application/json; charset=utf-8',
        ],
      },
    ],
  ] as [string, Omit<Asked, 'body'> & { body?: unknown }][])(
    'is taken by %s',
    async (_, { body = question, ...asked }) => {
      const said = await sayBoth({ ...asked, body: JSON.stringify(body) });
      expect(said.short).toBe(true);
    },
  );

  const authorized = (...more: string[]) => [...plainHeaders, ...more];
  it.each([
    [
      'a key that is unknown',
      { headers: ['Authorization', 'Bearer rk_none', 'Content-Type', 'application/json'] },
      401,
    ],
    ['no key', { headers: ['Content-Type', 'application/json'] }, 401],
    ['two keys', { headers: authorized('Authorization', 'Bearer rk_none') }, undefined],
    [
      'a key of another organization',
      { headers: ['Authorization', `Bearer ${keyOfGlobex}`, 'Content-Type', 'application/json'] },
      404,
    ],
    ['an organization that is not there', { path: '/v1/organizations/none/check' }, 404],
    ['an encoded organization', { path: '/v1/organizations/acm%65/check' }, 200],
    ['a query', { path: '/v1/organizations/acme/check?a=1' }, 400],
    ['a dot', { path: '/v1/organizations/./check' }, undefined],
    ['another method', { method: 'PUT' }, 405],
    [
      'another media type',
      { headers: ['Authorization', `Bearer ${key}`, 'Content-Type', 'text/plain'] },
      415,
    ],
    ['an encoded body', { headers: authorized('Content-Encoding', 'gzip') }, 415],
    ['an actor', { headers: authorized('Rolecall-Actor', 'user:bob') }, 200],
    ['no body', { body: '' }, 400],
    ['a body that is not JSON', { body: '{' }, 400],
    ['a body with a mark of its order', { body: `\uFEFF${json}` }, undefined],
    ['a body that is not UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400],
    ['a body in pieces', { chunked: true }, 200],
    [
      'a nested body',
      { body: `{"checks":${'['.repeat(40)}${']'.repeat(40)},${json.slice(1)}` },
      400,
    ],
    ['a text that cannot be stored', { body: json.replace('p1', '\\u0000') }, 400],
    ['an unknown field', { body: JSON.stringify({ ...question, more: 1 }) }, 400],
    [
      'the mode `strong`',
      { body: JSON.stringify({ ...question, consistency: { mode: 'strong' } }) },
      200,
    ],
    ['a role', { body: JSON.stringify({ ...question, principal: 'role:global:x' }) }, 400],
  ] as [string, Asked, number | undefined][])(
    'is left to others by %s',
    async (_, asked, status) => {
      const said = await sayBoth({ body: json, ...asked });
      expect(said.short).toBe(false);
      if (status !== undefined) expect(said.status).toBe(status);
    },
  );

  it('is taken by questions that come in pieces, and by several that come at once', async () => {
    const { port } = short.address() as AddressInfo;
    const head = `POST /v1/organizations/acme/check HTTP/1.1\r\nHost: rolecall\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
    const asked = (id: string, principal: string): string => {
      const body = JSON.stringify({ ...question, principal });
      return `${head}X-Request-ID: ${id}\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`;
    };
    const before = handedOn;
    const socket = connect(port, '127.0.0.1');
    let said = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const inPieces = asked('first', 'user:alice');
    const middle = inPieces.indexOf('\r\n\r\n') + 4;
    for (const piece of [
      inPieces.slice(0, middle - 10),
      inPieces.slice(middle - 10, middle),
      inPieces.slice(middle, middle + 10),
      inPieces.slice(middle + 10),
    ]) {
      socket.write(piece);
      await sleep(10);
    }
    socket.write(asked('second', 'user:nobody') + asked('third', 'user:alice'));
    await expect.poll(() => said.split('"revision"').length - 1).toBe(3);
    socket.destroy();
    expect(handedOn).toBe(before);
    const ids = [...said.matchAll(/X-Request-ID: (\w+)/g)].map(([, id]) => id);
    expect(ids).toEqual(['first', 'second', 'third']);
    const answers = [...said.matchAll(/"allowed":(\w+),"decisions"/g)].map(
      ([, allowed]) => allowed,
    );
    expect(answers).toEqual(['true', 'false', 'true']);
  });

  it('asks memory what a key may do each time, though its connection is known', async () => {
    const ownKey = await buildApiKey(test.db, { scope: 'check', secret: `rk_${randomUUID()}` });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const askAs = async (secret: string): Promise<number | undefined> => {
      const { status } = await ask(short, { agent, headers: headersOf(secret), body: json });
      return status;
    };
    for (const secret of [ownKey.secret, key])
      await ask(long, { headers: headersOf(secret), body: json });
    const before = handedOn;
    expect(await askAs(ownKey.secret)).toBe(200);
    expect(await askAs(ownKey.secret)).toBe(200);
    expect(handedOn).toBe(before);
    expect(await askAs(keyOfGlobex)).toBe(404);
    expect(await askAs(key)).toBe(200);
    expect(await askAs(ownKey.secret)).toBe(200);
    await query(test.db, {
      text: 'UPDATE rolecall.api_keys SET revoked_at = now() WHERE id = $1',
      values: [ownKey.id],
    });
    await expect.poll(() => askAs(ownKey.secret), { timeout: 10_000 }).toBe(401);
    expect(await askAs(key)).toBe(200);
    agent.destroy();
  });

  it('is taken by nobody whom memory does not know, and by them from then on', async () => {
    const body = JSON.stringify({ ...question, principal: `user:${randomUUID()}` });
    const first = await ask(short, { body });
    expect(first.status).toBe(200);
    expect(await sayBoth({ body })).toMatchObject({ short: true, body: first.body });
  });

  it('says the same as the long way to whatever is asked', async () => {
    const scope = fc.constantFrom(
      'project:read',
      'project:write',
      'mcp:read',
      'org:admin',
      'x:y',
      '',
    );
    const id = fc.constantFrom('p1', 'acme', '*', '', 'ü', 'a b');
    const tool = fc.constantFrom({}, { dimensions: { tool: 'a' } }, { dimensions: { made: 'up' } });
    const check = fc
      .tuple(scope, id, tool)
      .map(([s, resource_id, more]) => ({ scope: s, resource_id, ...more }));
    const principal = fc.constantFrom(
      'user:alice',
      'user:bob',
      'user:nobody',
      'role:admin',
      'user:',
      '',
    );
    const body = fc.oneof(
      fc.record({ principal, checks: fc.array(check, { maxLength: 3 }) }),
      fc.record({
        principal,
        checks: fc.array(check, { maxLength: 3 }),
        require: fc.constantFrom('all', 'any', 'some'),
      }),
      fc.record({ principal, scope, resource_ids: fc.array(id, { maxLength: 4 }) }),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('check', 'filter'), async (asked, kind) => {
        await sayBoth({ path: `/v1/organizations/acme/${kind}`, body: JSON.stringify(asked) });
      }),
      { numRuns: LONG ? 5_000 : 200 },
    );
  });

  it('is counted and logged as the long way is', async () => {
    const count = async () => {
      const text = await (await app.request('/metrics')).text();
      const found =
        /duration_seconds_count\{method="POST",route="[^"]*\/check",status="200"\} (\d+)/.exec(
          text,
        );
      return Number(found?.[1] ?? 0);
    };
    const before = await count();
    await ask(short, { body: json });
    expect(await count()).toBe(before + 1);
  });
});
