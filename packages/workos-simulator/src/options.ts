import { type Clock, systemClock } from './clock.ts';
import { drawToken } from './identifiers.ts';
import { DOCUMENTED_RATE_LIMITS, type RateLimit } from './rate-limit.ts';
import {
  deliverOverHttp,
  DOCUMENTED_RETRY_DELAYS_MS,
  type WebhookManners,
} from './webhooks/index.ts';

/** One request and its answer, as they were on the wire. Requests without an answer are not shown. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
  /** The fault that made the answer, if one did. */
  readonly fault: string | null;
}

/** How to make a simulator. Everything has a default that is what WorkOS documents. */
export interface SimulatorOptions {
  /** Names the run: with the same seed and a manual clock, the same calls give the same bytes. */
  readonly seed?: string | number | undefined;
  readonly clock?: Clock | undefined;
  readonly apiKey?: string | undefined;
  readonly environmentId?: string | undefined;
  readonly multipleRoles?: boolean | undefined;
  /** The environment's first roles; `admin` and `member` by default. The last one is the default role. */
  readonly environmentRoles?:
    readonly { readonly slug: string; readonly name: string }[] | undefined;
  readonly eventRetentionDays?: number | undefined;
  readonly unknownCursor?: 'refuse' | 'restart' | undefined;
  readonly rateLimits?: 'documented' | 'off' | readonly RateLimit[] | undefined;
  readonly reassignment?: { readonly delayMs: number; readonly batch: number } | undefined;
  readonly webhookSecret?: string | undefined;
  /** Endpoints that get webhooks from the start; more can be added later. */
  readonly webhookUrls?: readonly string[] | undefined;
  readonly webhooks?: Partial<WebhookManners> | undefined;
  readonly requestLogSize?: number | undefined;
  /** Told of every exchange that was answered; makes the simulator slower. */
  readonly observe?: ((exchange: Exchange) => void) | undefined;
  /** Where the state is kept between runs. Read at the start when it is there. */
  readonly file?: string | undefined;
  /** Fills a new environment with three organizations. */
  readonly demo?: boolean | undefined;
}

/** The same, complete. */
export interface ResolvedOptions {
  readonly seed: string;
  readonly clock: Clock;
  readonly apiKey: string;
  readonly environmentId: string;
  readonly multipleRoles: boolean;
  readonly environmentRoles: readonly { readonly slug: string; readonly name: string }[];
  readonly eventRetentionMs: number;
  readonly unknownCursor: 'refuse' | 'restart';
  readonly rateLimits: readonly RateLimit[];
  readonly reassignment: { readonly delayMs: number; readonly batch: number };
  readonly webhookSecret: string;
  readonly webhookUrls: readonly string[];
  readonly webhooks: WebhookManners;
  readonly requestLogSize: number;
  readonly observe: ((exchange: Exchange) => void) | null;
  readonly file: string | null;
  readonly demo: boolean;
}

const DAY_MS = 86_400_000;

/** Fills in what was left out. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const seed = String(options.seed ?? 'rolecall');
  const given = withoutUndefined(options);
  return {
    clock: systemClock,
    apiKey: `sk_test_${drawToken(32, seed, 'api key')}`,
    environmentId: `environment_${drawToken(26, seed, 'environment')}`,
    multipleRoles: true,
    environmentRoles: [
      { slug: 'admin', name: 'Admin' },
      { slug: 'member', name: 'Member' },
    ],
    unknownCursor: 'refuse',
    reassignment: { delayMs: 50, batch: 100 },
    webhookSecret: `whsec_${drawToken(32, seed, 'webhook secret')}`,
    webhookUrls: [],
    requestLogSize: 10_000,
    observe: null,
    file: null,
    demo: false,
    ...given,
    seed,
    eventRetentionMs: (options.eventRetentionDays ?? 30) * DAY_MS,
    rateLimits: resolveRateLimits(options.rateLimits ?? 'documented'),
    webhooks: { ...DOCUMENTED_WEBHOOKS, ...options.webhooks },
  };
}

const DOCUMENTED_WEBHOOKS: WebhookManners = {
  latencyMs: [5, 50],
  retryDelaysMs: DOCUMENTED_RETRY_DELAYS_MS,
  retryScale: 1,
  timeoutMs: 10_000,
  deliver: deliverOverHttp,
};

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** An option that is present and undefined counts as left out. */
function withoutUndefined<T extends object>(options: T): Given<T> {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Given<T>;
}

function resolveRateLimits(
  limits: NonNullable<SimulatorOptions['rateLimits']>,
): readonly RateLimit[] {
  if (limits === 'off') return [];
  return limits === 'documented' ? DOCUMENTED_RATE_LIMITS : limits;
}
