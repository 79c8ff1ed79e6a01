import { ApiKeys } from './api-keys.ts';
import { FaultRules, type LateEffects } from './faults/index.ts';
import { drawToken } from './identifiers.ts';
import type { ResolvedOptions } from './options.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import { eventJson, type EventStreamManners } from './routes/index.ts';
import { createEnvironmentRole, createWorld, type World } from './state/index.ts';
import { WebhookSender } from './webhooks/index.ts';

/** How the whole service is down: every connection breaks, every answer is 503, or none ever comes. */
export type Outage = 'drop' | 'error' | 'hang';

/** All the parts of one simulator. */
export interface Machine {
  readonly options: ResolvedOptions;
  readonly world: World;
  readonly manners: EventStreamManners;
  readonly keys: ApiKeys;
  readonly limiter: RateLimiter;
  readonly rules: FaultRules;
  readonly requests: RequestLog;
  readonly webhooks: WebhookSender;
  readonly late: LateEffects;
  outage: Outage | null;
}

/** Puts the parts together; the environment has its first roles and nothing else. */
export function assemble(options: ResolvedOptions): Machine {
  const { seed, clock } = options;
  const world = createWorld(seed, clock, {
    environmentId: options.environmentId,
    multipleRoles: options.multipleRoles,
    defaultRoleSlug: options.environmentRoles.at(-1)?.slug ?? 'member',
    rolePriority: options.environmentRoles.map((role) => role.slug),
    reassignment: options.reassignment,
  });
  const webhooks = new WebhookSender(seed, clock, options.webhooks);
  options.webhookUrls.forEach((url, index) => {
    const id = `we_${drawToken(26, seed, 'endpoint', index)}`;
    webhooks.addEndpoint({ id, url, secret: options.webhookSecret, events: null });
  });
  return {
    options,
    world,
    manners: {
      retentionMs: options.eventRetentionMs,
      unknownCursor: options.unknownCursor,
      inclusiveCursor: false,
      newestFirst: false,
    },
    keys: new ApiKeys(seed, options.apiKey),
    limiter: createRateLimiter(options.rateLimits, world.now),
    rules: new FaultRules(seed),
    requests: new RequestLog(options.requestLogSize),
    webhooks,
    late: { pending: 0 },
    outage: null,
  };
}

/** Sends webhooks from now on: about what happens, not about what was there at the start. */
export function announceEvents({ world, webhooks }: Machine): void {
  world.events.subscribe((event) => {
    if (webhooks.endpoints().length === 0) return;
    webhooks.announce(event, JSON.stringify(eventJson(event)));
  });
}

/** Gives a new environment the roles it begins with. */
export function foundEnvironment(machine: Machine): void {
  for (const role of machine.options.environmentRoles) createEnvironmentRole(machine.world, role);
}
