import type { SimulatorState } from './control/index.ts';
import type { Dashboard, DirectoryControl } from './dashboard/index.ts';
import type { Chaos, FaultRule } from './faults/index.ts';
import type { EventFaults, Expiry, PendingFaults } from './faults-control.ts';
import type { Outage } from './machine.ts';
import type { RateLimitUsage } from './rate-limit.ts';
import type { RequestCounts, RequestFilter, RequestRecord } from './request-log.ts';
import type { WebhookFaults } from './webhooks/index.ts';

/** The methods of `T`, over HTTP. */
type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (input: infer I) => infer R
    ? (input: I) => Promise<R>
    : never;
};

/** What the log of requests says. */
export interface RequestReport {
  readonly counts: RequestCounts;
  readonly rate_limits: readonly RateLimitUsage[];
  readonly matching: number;
  readonly requests: readonly RequestRecord[];
}

/** A simulator that runs in another process, with the methods it has in its own. */
export interface RemoteSimulator {
  readonly url: string;
  readonly dashboard: Remote<Dashboard>;
  readonly directory: Remote<DirectoryControl>;
  readonly faults: {
    readonly add: (rule: FaultRule) => Promise<string>;
    readonly remove: (id: string) => Promise<void>;
    readonly clear: () => Promise<void>;
    readonly chaos: (chaos: Chaos) => Promise<readonly string[]>;
    readonly struck: () => Promise<Readonly<Record<string, number>>>;
    readonly outage: (outage: Outage | null) => Promise<void>;
    readonly revokeKey: () => Promise<void>;
    readonly restoreKey: () => Promise<void>;
    readonly addKey: () => Promise<string>;
    readonly webhooks: (faults: Partial<WebhookFaults>) => Promise<void>;
    readonly events: (faults: EventFaults) => Promise<void>;
    readonly expireEvents: (expiry: Expiry) => Promise<number>;
    readonly pending: () => Promise<PendingFaults>;
    readonly heal: () => Promise<void>;
  };
  readonly state: (options?: { readonly events?: boolean }) => Promise<SimulatorState>;
  readonly requests: (
    filter?: RequestFilter & { readonly limit?: number },
  ) => Promise<RequestReport>;
  readonly clearRequests: () => Promise<void>;
  readonly addWebhook: (url: string, events?: readonly string[]) => Promise<void>;
  readonly advance: (ms: number) => Promise<void>;
}

/** A control call that the simulator refused. */
export class ControlRefused extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(path: string, status: number, body: unknown) {
    super(`\`${path}\` was refused with ${status}: ${JSON.stringify(body)}`);
    this.name = 'ControlRefused';
    this.status = status;
    this.body = body;
  }
}

/** Steers the simulator at `url`. Its methods throw ControlRefused for a 4xx or 5xx. */
export function connectSimulator(url: string): RemoteSimulator {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/_simulator${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (!response.ok) throw new ControlRefused(path, response.status, answer);
    return answer as T;
  };
  const post = async (path: string, body: unknown = {}): Promise<void> => {
    await call('POST', path, body);
  };
  return {
    url,
    dashboard: actionsAt<Dashboard>('dashboard', call),
    directory: actionsAt<DirectoryControl>('directory', call),
    faults: {
      add: async (rule) => (await call<{ id: string }>('POST', '/faults', rule)).id,
      remove: async (id) => {
        await call('DELETE', `/faults/${id}`);
      },
      clear: async () => {
        await call('DELETE', '/faults');
      },
      chaos: async (chaos) => (await call<{ ids: string[] }>('POST', '/faults/chaos', chaos)).ids,
      struck: async () => (await call<{ struck: Record<string, number> }>('GET', '/faults')).struck,
      outage: (outage) => post('/faults/outage', { outage }),
      revokeKey: () => post('/faults/revoke-key'),
      restoreKey: () => post('/faults/restore-key'),
      addKey: async () => (await call<{ api_key: string }>('POST', '/faults/add-key', {})).api_key,
      webhooks: (faults) => post('/faults/webhooks', faults),
      events: (faults) => post('/faults/events', faults),
      expireEvents: async (expiry) =>
        (await call<{ expired: number }>('POST', '/faults/expire-events', expiry)).expired,
      pending: async () => (await call<{ pending: PendingFaults }>('GET', '/faults')).pending,
      heal: () => post('/faults/heal'),
    },
    state: ({ events = false } = {}) => call('GET', `/state${events ? '?events=true' : ''}`),
    requests: (filter = {}) => call('GET', `/requests?${queryOf(filter)}`),
    clearRequests: async () => {
      await call('DELETE', '/requests');
    },
    addWebhook: (endpoint, events) => post('/webhooks', { url: endpoint, events: events ?? null }),
    advance: (ms) => post('/clock', { advanceMs: ms }),
  };
}

function actionsAt<T extends object>(
  group: string,
  call: <R>(method: string, path: string, body?: unknown) => Promise<R>,
): Remote<T> {
  const kebab = (name: string): string =>
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new Proxy({} as Remote<T>, {
    get: (_target, name) => (input: unknown) =>
      call('POST', `/${group}/${kebab(String(name))}`, input ?? {}),
  });
}

function queryOf(filter: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries<string | number | undefined>({ ...filter })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.toString();
}
