import { type SimulatorHandler } from '@rolecall/workos-simulator';
import { type Turnstile } from './turnstile.ts';

/** What the simulated network tells of each exchange. */
export interface NetworkNews {
  readonly method: string;
  readonly path: string;
  /** Null when no answer came. */
  readonly status: number | null;
  /** The code of an error. */
  readonly code: string | null;
}

export interface NetworkOptions {
  readonly heard: (news: NetworkNews) => void;
  /** Whether a listing lacks some of what is there, as one does that changes while it is paged through. */
  readonly thin: () => boolean;
}

/** How often the event loop turns before a request counts as one that is not answered now. */
const TURNS = 60;

/**
 * Carries requests to a simulator without a socket. Each stops the task that sends it before it leaves and, when
 * it is a write, after it has taken effect. One that is not answered stops too, and gives up when its task is
 * let on before the answer is there: by the simulator's clock that may be at any time.
 */
export function createNetwork(
  simulator: SimulatorHandler,
  turnstile: Turnstile,
  { heard, thin }: NetworkOptions,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init ?? {});
    const { pathname: path } = new URL(request.url);
    const { method } = request;
    await turnstile.park(`before ${method} ${path}`);
    const giveUp = new AbortController();
    const body = method === 'GET' ? null : await request.text();
    const sent = new Request(request.url, {
      method,
      headers: request.headers,
      signal: giveUp.signal,
      ...(body !== null && body !== '' && { body }),
    });
    const exchange = follow(simulator.fetch(sent));
    for (let turn = 0; turn < TURNS && exchange.answer === undefined; turn += 1) await nextTurn();
    if (exchange.answer === undefined) await turnstile.park(`hangs ${method} ${path}`);
    const { answer } = exchange;
    if (answer === undefined) giveUp.abort();
    else if (method !== 'GET') await turnstile.park(`after ${method} ${path}`);
    if (answer instanceof Response) {
      heard({ method, path, ...(await errorOf(answer)) });
      return isListing(request) && thin() ? thinned(answer) : answer;
    }
    heard({ method, path, status: null, code: null });
    throw answer ?? new TypeError('the caller gave up');
  };
}

/** A list of many; one that asks for the membership of one person is not. */
function isListing({ method, url }: Request): boolean {
  const { pathname, searchParams } = new URL(url);
  if (method !== 'GET' || searchParams.has('user_id')) return false;
  return /\/(organization_memberships|organizations\/[^/]+\/roles)$/.test(pathname);
}

/** Every other item, from the second on. */
async function thinned(response: Response): Promise<Response> {
  const body = (await response.json()) as { readonly data?: readonly unknown[] };
  const data = body.data?.filter((_, index) => index % 2 === 0);
  return Response.json({ ...body, ...(data && { data }) }, { status: response.status });
}

interface Exchange {
  /** Undefined until there is one; an error when the connection broke. */
  answer: Response | Error | undefined;
}

function follow(answering: Promise<Response>): Exchange {
  const exchange: Exchange = { answer: undefined };
  answering.then(
    (response) => {
      exchange.answer = response;
    },
    (error: unknown) => {
      exchange.answer = error instanceof Error ? error : new Error(String(error));
    },
  );
  return exchange;
}

async function errorOf(
  response: Response,
): Promise<{ readonly status: number; readonly code: string | null }> {
  const { status } = response;
  if (status < 400) return { status, code: null };
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : null;
  return { status, code: typeof code === 'string' ? code : null };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
