import { WorkOS } from '@workos-inc/node';
import { callPath, type WorkosCall } from './call.ts';
import { classifyAnswer, classifyLoss, type LostAnswer, unreadable } from './classify.ts';
import { WorkosFailure } from './failure.ts';

/*
 * How the official client is used, and how not.
 *
 * It makes the request: address, key, headers, encoding, and the refusal of paths that climb. Only its
 * generic methods are used, because its typed ones
 *   - fill in a role's type instead of reading it, and copy absent fields as undefined without a word;
 *   - hide what failed: an answer that is not JSON loses its status, a Retry-After that is a date becomes
 *     NaN, and a broken connection looks like any other `Error`;
 *   - page through lists by themselves, newest first, so that what is created meanwhile is missed.
 * It never retries (`maxRetries: 0`), since a second try after an ambiguous first one is not its to decide,
 * and it never judges: `exchange` below reads every answer whole, within one time limit of its own, and
 * throws what is no success as it came. The limit of the client is longer, so it never comes first.
 *
 * Connections are kept alive by the `fetch` of the platform.
 */

export interface TransportOptions {
  readonly apiKey: string;
  /** Scheme, host and port; WorkOS itself unless told otherwise. */
  readonly apiUrl?: string;
  /** The longest wait for a whole answer. */
  readonly timeoutMs: number;
  /** The time of day in milliseconds; for a Retry-After that is a date. */
  readonly now?: () => number;
  /** What carries requests; the platform's own unless told otherwise. */
  readonly fetch?: typeof fetch;
}

/** Sends single requests, each at most once. */
export interface Transport {
  /** The parsed body of a successful answer; null after a DELETE. Throws `WorkosFailure` only. */
  readonly send: (call: WorkosCall) => Promise<unknown>;
  /** Gives up what is in flight; nothing is sent afterwards. */
  readonly close: () => void;
}

const DEFAULT_API_URL = 'https://api.workos.com';

/** A transport that sends to `apiUrl`. Throws a TypeError when that has a path, or the key is empty. */
export function createTransport(options: TransportOptions): Transport {
  const address = readAddress(options.apiUrl ?? DEFAULT_API_URL);
  // Without a key the client would look for one in the environment.
  if (options.apiKey === '') throw new TypeError('the key of WorkOS is empty');
  const now = options.now ?? Date.now;
  const exchanges = new Exchanges(options.timeoutMs, options.fetch ?? fetch);
  const client = new WorkOS({
    ...address,
    apiKey: options.apiKey,
    maxRetries: 0,
    timeout: options.timeoutMs + 5_000,
    fetchFn: exchanges.exchange,
  });
  return {
    send: async (call) => {
      try {
        return await dispatch(client, call, callPath(call));
      } catch (error) {
        throw judge(call, error, now());
      }
    },
    close: () => {
      exchanges.close();
    },
  };
}

/** An answer that is no success, or cannot be one; it passes through the client as an error and is judged behind it. */
class Refused extends Error {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  constructor(response: Response, text: string) {
    super(`status ${response.status}`);
    this.status = response.status;
    this.headers = response.headers;
    this.text = text;
  }
}

/** Why a request was given up. */
class GivenUp extends Error {
  readonly reason: 'timeout' | 'closed';

  constructor(reason: 'timeout' | 'closed') {
    super(reason);
    this.reason = reason;
  }
}

/** A request without a whole answer. */
class Lost extends Error {
  readonly reason: LostAnswer['reason'];

  constructor(reason: LostAnswer['reason'], cause: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

class Exchanges {
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;
  readonly #inFlight = new Set<AbortController>();
  #closed = false;

  constructor(timeoutMs: number, carrier: typeof fetch) {
    this.#timeoutMs = timeoutMs;
    this.#fetch = carrier;
  }

  readonly exchange: typeof fetch = async (input, init) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort(new GivenUp('timeout'));
    }, this.#timeoutMs);
    this.#inFlight.add(controller);
    try {
      if (this.#closed) controller.abort(new GivenUp('closed'));
      // A redirect would carry the key to another host.
      const response = await this.#fetch(input, {
        ...init,
        redirect: 'manual',
        signal: controller.signal,
      });
      const text = await response.text();
      // A deletion is answered by nothing at all; whatever says more has not understood what was asked.
      const unheard = init?.method === 'DELETE' && text !== '';
      if (!response.ok || unheard) throw new Refused(response, text);
      return new Response(text, { headers: { 'content-type': 'application/json' } });
    } catch (error) {
      if (error instanceof Refused) throw error;
      const why: unknown = controller.signal.reason;
      throw new Lost(why instanceof GivenUp ? why.reason : 'error', error);
    } finally {
      clearTimeout(timer);
      this.#inFlight.delete(controller);
    }
  };

  close(): void {
    this.#closed = true;
    for (const controller of this.#inFlight) controller.abort(new GivenUp('closed'));
  }
}

async function dispatch(client: WorkOS, call: WorkosCall, path: string): Promise<unknown> {
  switch (call.method) {
    case 'GET': {
      const { data } = await client.get<unknown>(path, { query: call.query ?? {} });
      return data;
    }
    case 'POST': {
      const { data } = await client.post<unknown>(path, call.body ?? {});
      return data;
    }
    case 'PUT': {
      const { data } = await client.put<unknown>(path, call.body ?? {});
      return data;
    }
    case 'PATCH': {
      const { data } = await client.patch<unknown>(path, call.body ?? {});
      return data;
    }
    case 'DELETE':
      await client.delete(path);
      return null;
  }
}

/** What came out of the client, judged by what went in. */
function judge(call: WorkosCall, error: unknown, now: number): WorkosFailure {
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one instanceof WorkosFailure) return one;
    if (one instanceof Refused) return classifyAnswer(call, one, now);
    if (one instanceof Lost) return classifyLoss(call, { reason: one.reason, error: one.cause });
  }
  // Nothing of ours is in it: the client could not parse the body of a success.
  return unreadable(call, { status: 200, cause: error });
}

function readAddress(apiUrl: string): { apiHostname: string; https: boolean; port?: number } {
  const url = new URL(apiUrl);
  if (!/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new TypeError(
      `the address of WorkOS, \`${apiUrl}\`, must be scheme, host and port alone`,
    );
  }
  return {
    apiHostname: url.hostname,
    https: url.protocol === 'https:',
    ...(url.port !== '' && { port: Number(url.port) }),
  };
}
