/** How a request ended, from the point of view of who sent it. */
export type RequestOutcome = 'answered' | 'dropped' | 'hung';

/** One request to the API that was received. */
export interface RequestRecord {
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly userAgent: string | null;
  readonly idempotencyKey: string | null;
  /** Null while it is not finished. */
  outcome: RequestOutcome | null;
  /** Null without an answer. */
  status: number | null;
  /** The fault it met, if any. */
  fault: string | null;
  durationMs: number | null;
}

/** Which requests to look at; `path` is a pattern like those of faults. */
export interface RequestFilter {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: number | undefined;
}

/** Numbers since the start, or since the log was cleared; never bounded. */
export interface RequestCounts {
  readonly total: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** By method and kind of path: ids and slugs are written as `*`. */
  readonly byRoute: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFault: Readonly<Record<string, number>>;
}

/** The last requests that were received, and how many there were of each kind. */
export class RequestLog {
  readonly #capacity: number;
  #records: RequestRecord[] = [];
  #number = 0;
  #inFlight = 0;
  #peakInFlight = 0;
  #byRoute = new Map<string, number>();
  #byStatus = new Map<string, number>();
  #byFault = new Map<string, number>();
  #total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  begin(request: Request, url: URL, nowMs: number): RequestRecord {
    this.#number += 1;
    this.#total += 1;
    this.#inFlight += 1;
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#inFlight);
    count(this.#byRoute, `${request.method} ${routeOf(url.pathname)}`);
    const record: RequestRecord = {
      number: this.#number,
      at: new Date(nowMs).toISOString(),
      method: request.method,
      path: url.pathname,
      query: url.search,
      userAgent: request.headers.get('user-agent'),
      idempotencyKey: request.headers.get('idempotency-key'),
      outcome: null,
      status: null,
      fault: null,
      durationMs: null,
    };
    this.#records.push(record);
    if (this.#records.length >= this.#capacity * 2) {
      this.#records = this.#records.slice(-this.#capacity);
    }
    return record;
  }

  end(
    record: RequestRecord,
    outcome: RequestOutcome,
    status: number | null,
    durationMs: number,
  ): void {
    this.#inFlight -= 1;
    record.outcome = outcome;
    record.status = status;
    record.durationMs = durationMs;
    count(this.#byStatus, status === null ? outcome : String(status));
    if (record.fault !== null) count(this.#byFault, record.fault);
  }

  /** The latest requests, oldest first; as many as the log keeps. */
  list(filter: RequestFilter = {}): readonly RequestRecord[] {
    const path = filter.path === undefined ? null : pathPattern(filter.path);
    return this.#records
      .slice(-this.#capacity)
      .filter(
        (record) =>
          (filter.method === undefined || record.method === filter.method) &&
          (filter.status === undefined || record.status === filter.status) &&
          (path?.test(record.path) ?? true),
      );
  }

  counts(): RequestCounts {
    return {
      total: this.#total,
      inFlight: this.#inFlight,
      peakInFlight: this.#peakInFlight,
      byRoute: Object.fromEntries(this.#byRoute),
      byStatus: Object.fromEntries(this.#byStatus),
      byFault: Object.fromEntries(this.#byFault),
    };
  }

  clear(): void {
    this.#records = [];
    this.#total = 0;
    this.#peakInFlight = this.#inFlight;
    this.#byRoute = new Map();
    this.#byStatus = new Map();
    this.#byFault = new Map();
  }
}

/** A pattern of paths: `*` stands for one segment, `**` for any number of characters. */
export function pathPattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**', '\u0000')
    .replaceAll('*', '[^/]+')
    .replaceAll('\u0000', '.*');
  return new RegExp(`^${source}$`);
}

const FIXED = new Set([
  'organizations',
  'user_management',
  'users',
  'organization_memberships',
  'authorization',
  'roles',
  'events',
  'invitations',
  'external_id',
  'deactivate',
  'reactivate',
  'accept',
  'revoke',
  'by_token',
]);

function routeOf(path: string): string {
  return path
    .split('/')
    .map((segment) => (segment === '' || FIXED.has(segment) ? segment : '*'))
    .join('/');
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
