import { Histogram, type Registry } from 'prom-client';

export interface RequestLabels {
  readonly method: string;
  readonly route: string;
  readonly status: number;
}

interface Pending {
  readonly labels: RequestLabels;
  readonly seconds: Float64Array;
  count: number;
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MOST_PENDING = 128;

/**
 * How long requests take, by the template of their route. One is only noted; many are put into the histogram
 * together, at the latest when somebody looks, because finding its place anew for each costs as much as a check.
 */
export class RequestDurations {
  readonly #histogram: Histogram;
  readonly #pending = new Map<string, Pending>();
  // Where there is much to do, most requests are like the one before.
  #last: Pending | undefined;

  constructor(registers: Registry[]) {
    this.#histogram = new Histogram({
      name: 'rolecall_http_request_duration_seconds',
      help: 'Time from the request to its answer',
      labelNames: ['method', 'route', 'status'],
      buckets,
      registers,
      collect: () => {
        for (const pending of this.#pending.values()) this.#put(pending);
      },
    });
  }

  observe(labels: RequestLabels, seconds: number): void {
    const pending = this.#pendingOf(labels);
    pending.seconds[pending.count] = seconds;
    pending.count += 1;
    if (pending.count === MOST_PENDING) this.#put(pending);
  }

  #put(pending: Pending): void {
    const labels = { ...pending.labels };
    for (const seconds of pending.seconds.subarray(0, pending.count)) {
      this.#histogram.observe(labels, seconds);
    }
    pending.count = 0;
  }

  #pendingOf(labels: RequestLabels): Pending {
    const last = this.#last;
    if (last !== undefined && isSame(last.labels, labels)) return last;
    const key = `${labels.method} ${labels.route} ${labels.status}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = { labels, seconds: new Float64Array(MOST_PENDING), count: 0 };
      this.#pending.set(key, pending);
    }
    this.#last = pending;
    return pending;
  }
}

function isSame(one: RequestLabels, other: RequestLabels): boolean {
  return one.status === other.status && one.route === other.route && one.method === other.method;
}
