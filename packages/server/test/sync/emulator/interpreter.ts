import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';

/** Stands before the emulator and says in the words of the published API what it says in its own. */
export interface Interpreter {
  readonly url: string;
  readonly close: () => Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  readonly authorization: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What is interpreted, and nothing else, is listed as `interpreted` beside the exceptions of the emulator. */
export async function startInterpreter(emulatorUrl: string): Promise<Interpreter> {
  const server = createServer((request, response) => {
    void interpret(emulatorUrl, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function interpret(
  emulatorUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answerTo(emulatorUrl, await read(request)).catch(
    (error: unknown): Answer => ({ status: 502, body: { message: String(error) } }),
  );
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? '/', 'http://interpreter');
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    body: text === '' ? undefined : (JSON.parse(text) as Json),
    authorization: request.headers.authorization ?? '',
  };
}

const ORGANIZATION_ROLES = /^\/authorization\/organizations\/[^/]+\/roles/;
const MEMBERSHIPS = '/user_management/organization_memberships';

async function answerTo(emulatorUrl: string, asked: Asked): Promise<Answer> {
  const ask = (changed: Partial<Asked>): Promise<Answer> =>
    send(emulatorUrl, { ...asked, ...changed });
  const { method, path } = asked;
  if (path === '/events') return events(ask, asked);
  if (path.startsWith(MEMBERSHIPS)) return memberships(ask, asked);
  if (!ORGANIZATION_ROLES.test(path)) return ask({});
  if (method === 'PATCH') return ask({ method: 'PUT' });
  if (method === 'POST') return takenAsConflict(await ask({}));
  return method === 'GET' && path.endsWith('/roles') ? allRoles(ask) : ask({});
}

type Ask = (changed: Partial<Asked>) => Promise<Answer>;

function takenAsConflict(answer: Answer): Answer {
  if (answer.status !== 422 || !JSON.stringify(answer.body).includes('"duplicate"')) return answer;
  return { status: 409, body: { code: 'organization_role_slug_conflict', message: 'taken' } };
}

/** The organization's roles and those of the environment, whole. */
async function allRoles(ask: Ask): Promise<Answer> {
  const query = new URLSearchParams({ limit: '100', order: 'asc' });
  const own = await ask({ query });
  const shared = await ask({ query, path: '/authorization/roles' });
  if (own.status !== 200) return own;
  return { status: 200, body: { object: 'list', data: [...itemsOf(own), ...itemsOf(shared)] } };
}

async function memberships(ask: Ask, { method, path, query, body }: Asked): Promise<Answer> {
  if (method === 'GET' && path === MEMBERSHIPS) {
    const oldestFirst = new URLSearchParams([...query, ['order', 'asc']]);
    const answer = await ask({ query: oldestFirst });
    const data = itemsOf(answer).map(withRoles);
    return { ...answer, body: { ...(answer.body as Json), data } };
  }
  const slugs = Array.isArray(body?.['role_slugs']) ? (body['role_slugs'] as unknown[]) : undefined;
  if (slugs !== undefined && slugs.length > 1) {
    return { status: 422, body: { code: 'multiple_roles_not_enabled', message: 'one role only' } };
  }
  const answer = await ask(slugs === undefined ? {} : { body: { ...body, role_slug: slugs[0] } });
  return answer.status < 300 && answer.body !== null && typeof answer.body === 'object'
    ? { ...answer, body: withRoles(answer.body as Json) }
    : answer;
}

function withRoles(membership: Json): Json {
  return { ...membership, roles: [membership['role']] };
}

async function events(ask: Ask, { query }: Asked): Promise<Answer> {
  const wanted = new Set((query.get('events') ?? '').split(','));
  const asked = new URLSearchParams({ order: 'asc', limit: query.get('limit') ?? '10' });
  const after = query.get('after');
  if (after !== null) asked.set('after', after);
  const answer = await ask({ query: asked });
  const data = itemsOf(answer).map(inWordsOfApi);
  return {
    ...answer,
    body: {
      ...(answer.body as Json),
      data: data.filter((one) => wanted.has(String(one['event']))),
    },
  };
}

function inWordsOfApi(event: Json): Json {
  const { type } = event['data'] as Json;
  return type === 'OrganizationRole'
    ? { ...event, event: `organization_${String(event['event'])}` }
    : event;
}

function itemsOf({ body }: Answer): readonly Json[] {
  const { data } = body as { readonly data?: readonly Json[] };
  return data ?? [];
}

async function send(emulatorUrl: string, asked: Asked): Promise<Answer> {
  const query = asked.query.size === 0 ? '' : `?${asked.query.toString()}`;
  const response = await fetch(`${emulatorUrl}${asked.path}${query}`, {
    method: asked.method,
    headers: { authorization: asked.authorization, 'content-type': 'application/json' },
    ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}
