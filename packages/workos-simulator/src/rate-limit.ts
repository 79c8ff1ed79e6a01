/** A documented limit: so many requests in any stretch of `windowMs`. */
export interface RateLimit {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
  /** Whom it counts: every API key by itself, or all of the environment together. */
  readonly per: 'key' | 'environment';
  readonly applies: (method: string, path: string) => boolean;
}

const isUserManagement = (path: string): boolean => path.startsWith('/user_management/');

/** The limits of https://workos.com/docs/reference/rate-limits that concern what is simulated. */
export const DOCUMENTED_RATE_LIMITS: readonly RateLimit[] = [
  { name: 'all', limit: 6_000, windowMs: 60_000, per: 'key', applies: () => true },
  {
    name: 'user_management_reads',
    limit: 1_000,
    windowMs: 10_000,
    per: 'environment',
    applies: (method, path) => method === 'GET' && isUserManagement(path),
  },
  {
    name: 'user_management_writes',
    limit: 500,
    windowMs: 10_000,
    per: 'environment',
    applies: (method, path) => method !== 'GET' && isUserManagement(path),
  },
  {
    name: 'organization_deletions',
    limit: 50,
    windowMs: 60_000,
    per: 'key',
    applies: (method, path) => method === 'DELETE' && path.startsWith('/organizations/'),
  },
];

/** How much of a limit was used. `peak` is the fullest that any window has been. */
export interface RateLimitUsage {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
  readonly admitted: number;
  readonly rejected: number;
  readonly peak: number;
}

/** Counts requests against limits, over sliding windows. */
export interface RateLimiter {
  /** Null when the request may pass, else the whole seconds after which to come back. */
  readonly admit: (request: { method: string; path: string; apiKey: string }) => number | null;
  readonly usage: () => readonly RateLimitUsage[];
}

/** Makes a limiter of `limits`; a rejected request does not count. */
export function createRateLimiter(limits: readonly RateLimit[], now: () => number): RateLimiter {
  const counters = limits.map((limit) => new Counter(limit));
  return {
    admit: ({ method, path, apiKey }) => {
      const time = now();
      const concerned = counters.filter((counter) => counter.limit.applies(method, path));
      const waits = concerned.map((counter) => counter.waitMs(apiKey, time));
      const wait = Math.max(0, ...waits);
      if (wait > 0) {
        concerned.forEach((counter, index) => {
          if ((waits[index] ?? 0) > 0) counter.rejected += 1;
        });
        return Math.max(1, Math.ceil(wait / 1000));
      }
      for (const counter of concerned) counter.record(apiKey, time);
      return null;
    },
    usage: () => counters.map((counter) => counter.usage()),
  };
}

class Counter {
  readonly limit: RateLimit;
  readonly #windows = new Map<string, Window>();
  rejected = 0;
  #admitted = 0;

  constructor(limit: RateLimit) {
    this.limit = limit;
  }

  waitMs(apiKey: string, now: number): number {
    return this.#windowOf(apiKey).waitMs(now);
  }

  record(apiKey: string, now: number): void {
    this.#admitted += 1;
    this.#windowOf(apiKey).record(now);
  }

  usage(): RateLimitUsage {
    const { name, limit, windowMs } = this.limit;
    const peak = Math.max(0, ...[...this.#windows.values()].map((window) => window.peak));
    return { name, limit, windowMs, admitted: this.#admitted, rejected: this.rejected, peak };
  }

  #windowOf(apiKey: string): Window {
    const owner = this.limit.per === 'key' ? apiKey : 'environment';
    const found = this.#windows.get(owner);
    if (found) return found;
    const made = new Window(this.limit.limit, this.limit.windowMs);
    this.#windows.set(owner, made);
    return made;
  }
}

/** The times of the last requests, at most as many as the limit, in a ring. */
class Window {
  readonly #times: Float64Array;
  readonly #windowMs: number;
  #first = 0;
  #count = 0;
  peak = 0;

  constructor(limit: number, windowMs: number) {
    this.#times = new Float64Array(limit);
    this.#windowMs = windowMs;
  }

  waitMs(now: number): number {
    this.#forget(now);
    if (this.#count < this.#times.length) return 0;
    return (this.#times[this.#first] ?? now) + this.#windowMs - now;
  }

  record(now: number): void {
    this.#times[(this.#first + this.#count) % this.#times.length] = now;
    this.#count += 1;
    this.peak = Math.max(this.peak, this.#count);
  }

  #forget(now: number): void {
    while (this.#count > 0 && (this.#times[this.#first] ?? now) + this.#windowMs <= now) {
      this.#first = (this.#first + 1) % this.#times.length;
      this.#count -= 1;
    }
  }
}
