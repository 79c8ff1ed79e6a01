import {
  allEndpoints,
  type AnyEndpoint,
  endpoints,
  type ErrorCode,
  errorsOf,
  type OperationId,
  Problem,
  problemKinds,
} from '@rolecall/contract';
import { builtinPolicy, type Policy } from '@rolecall/policy';
import {
  buildApiKey,
  type BuiltApiKey,
  createTestDatabase,
  type TestDatabase,
} from '@rolecall/testkit';
import { expect } from 'vitest';
import { type z } from 'zod';
import { createAccess } from '../../src/access/index.ts';
import { createApp, type LogFields, type Logger } from '../../src/http/index.ts';
import { openSync, type Sync, type WorkosConnection } from '../../src/sync/index.ts';

/** The HTTP API on a database of its own. */
export interface Api {
  readonly test: TestDatabase;
  /** A `manage` key of the whole environment. */
  readonly key: BuiltApiKey;
  readonly lines: readonly LogLine[];
  readonly sync: Sync;
  readonly fetch: (request: Request) => Promise<Response>;
  /** Sends a request with the environment's key, and holds the answer to the contract. */
  readonly call: Call;
  /** The same by operation id; expects success, and knows the form of the answer. */
  readonly ok: Ok;
  readonly close: () => Promise<void>;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

type Endpoints = typeof endpoints;
type Result<Id extends OperationId> = z.output<NonNullable<Endpoints[Id]['answer']['schema']>>;
type Body<Id extends OperationId> = z.input<NonNullable<Endpoints[Id]['body']>>;

export type Ok = <Id extends OperationId>(
  id: Id,
  options?: OkOptions<Body<Id>>,
) => Promise<Answer<Result<Id>>>;

export interface OkOptions<Content> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Content;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

export interface CallOptions {
  /** The secret of another key, or null for none. */
  readonly as?: string | null;
  readonly body?: unknown;
  /** A body as it is sent, in place of `body`. */
  readonly raw?: NonNullable<RequestInit['body']>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer<Content = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Content;
}

export interface ApiOptions {
  readonly policy?: Policy;
  readonly maxConnections?: number;
  readonly isShuttingDown?: () => boolean;
  /** The WorkOS that is connected; one that nobody is unless told otherwise. */
  readonly workos?: WorkosConnection;
}

/** The secret that the webhooks of a test are signed with. */
export const webhookSecret = 'whsec_of_a_test';

const nowhere: WorkosConnection = {
  apiKey: 'sk_test_of_nobody',
  apiUrl: 'http://127.0.0.1:9',
  webhookSecrets: [webhookSecret],
};

export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const { policy = builtinPolicy, maxConnections = 8, isShuttingDown, workos = nowhere } = options;
  const test = await createTestDatabase({ maxConnections });
  const { database } = test;
  const sync = openSync({ db: database.db, url: database.url, workos });
  const lines: LogLine[] = [];
  const app = createApp({
    database,
    access: createAccess({ database, policy }),
    policy,
    sync,
    webhooksInTenSeconds: 1_000_000,
    logger: recorder(lines),
    ...(isShuttingDown !== undefined && { isShuttingDown }),
  });
  const key = await buildApiKey(test.db, { secret: 'rk_manage_of_the_environment' });
  const fetch = async (request: Request): Promise<Response> => app.fetch(request);
  const call: Call = async (method, path, { as = key.secret, body, raw, headers } = {}) => {
    const sent = raw ?? (body === undefined ? null : JSON.stringify(body));
    const request = new Request(`http://rolecall.test${path}`, {
      method,
      body: sent,
      headers: {
        ...(as !== null && { authorization: `Bearer ${as}` }),
        ...(sent !== null && { 'content-type': 'application/json' }),
        ...headers,
      },
      duplex: 'half',
    });
    return holdToContract(method, path, await fetch(request));
  };
  const ok: Ok = async (id, { params = {}, query = {}, ...options } = {}) => {
    const endpoint: AnyEndpoint = endpoints[id];
    const search = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const path = pathOf(endpoint.path, params) + (search === '' ? '' : `?${search}`);
    const answer = await call(endpoint.method.toUpperCase(), path, options);
    expect(answer).toMatchObject({ status: endpoint.answer.status });
    // The contract has just been held to.
    return answer as Answer<never>;
  };
  const close = async (): Promise<void> => {
    await sync.close();
    await test.close();
  };
  return { test, key, lines, fetch, call, ok, sync, close };
}

/** A path with its parameters filled in. */
export function pathOf(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`\`${path}\` needs \`${name}\``);
    return encodeURIComponent(value);
  });
}

function recorder(lines: LogLine[]): Logger {
  const at =
    (level: LogLine['level']) =>
    (fields: LogFields, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

const matchers = allEndpoints.map((endpoint) => ({
  endpoint,
  pattern: new RegExp(`^${endpoint.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The endpoint that a request reaches, if there is one. */
export function endpointOf(method: string, path: string): AnyEndpoint | undefined {
  const [pathname = ''] = path.split('?');
  return matchers.find(
    ({ endpoint, pattern }) => endpoint.method === method.toLowerCase() && pattern.test(pathname),
  )?.endpoint;
}

/** Reads an answer, and fails when it is not what the contract says of its endpoint. */
export async function holdToContract(
  method: string,
  path: string,
  response: Response,
): Promise<Answer> {
  const endpoint = endpointOf(method, path);
  const { status, headers } = response;
  const text = await response.text();
  const type = headers.get('content-type') ?? '';
  expect(headers.get('x-request-id')).toMatch(/^.{1,128}$/);
  if (status >= 400) {
    expect(type).toBe('application/problem+json');
    const body: unknown = JSON.parse(text);
    const problem = Problem.parse(body);
    expect(body).toEqual(problem);
    expect(problem.status).toBe(status);
    expect(problemKinds[problem.code]).toMatchObject({ status, title: problem.title });
    if (endpoint !== undefined) expect(errorsOf(endpoint)).toContain(problem.code);
    return { status, headers, body };
  }
  if (endpoint === undefined) return { status, headers, body: text };
  expect(status).toBe(endpoint.answer.status);
  if (endpoint.answer.schema === undefined) {
    expect(text).toBe('');
    return { status, headers, body: undefined };
  }
  if (type !== 'application/json') return { status, headers, body: text };
  const body: unknown = JSON.parse(text);
  // What the schema does not know is missing from what it has parsed.
  expect(endpoint.answer.schema.parse(body)).toEqual(body);
  return { status, headers, body };
}

/** Expects a problem with this code, and returns it. */
export function expectProblem(answer: Answer, code: ErrorCode): Problem {
  expect(answer.body).toMatchObject({ code });
  expect(answer.status).toBe(problemKinds[code].status);
  return answer.body as Problem;
}
