import { allEndpoints } from '@rolecall/contract';
import { type Policy } from '@rolecall/policy';
import { type Context, Hono } from 'hono';
import { type Access } from '../access/index.ts';
import { type Database } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { type Sync } from '../sync/index.ts';
import { createDirectLane, type DirectLane } from './direct/index.ts';
import { version } from './version.ts';
import { type Logger, silentLogger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createReadiness } from './readiness.ts';
import { referencePages } from './reference/index.ts';
import { type Arrival, respond } from './respond.ts';
import { createWebhookRoom } from './webhook-room.ts';
import { routes } from './routes/index.ts';
import { type Service } from './service.ts';

export interface AppOptions {
  readonly database: Database;
  readonly access: Access;
  readonly policy: Policy;
  /** Says nothing unless told otherwise. */
  readonly logger?: Logger;
  /** Figures of this app alone unless told otherwise. */
  readonly metrics?: Metrics;
  /** Makes `/readyz` fail, so that no new requests are sent here. */
  readonly isShuttingDown?: () => boolean;
  /** What keeps WorkOS equal, where something does. */
  readonly sync?: Sync;
  /** How many webhooks are looked at in ten seconds; 1,000 unless told otherwise. */
  readonly webhooksInTenSeconds?: number;
}

/**
 * The HTTP API. Each route is one handler, without a chain of middleware around it: what every request
 * goes through is `respond`, and what every route asks of a request is `admit` and `readContent`.
 */
export function createApp(options: AppOptions): Hono {
  return createServers(options).app;
}

/** The API twice: for standard requests, and the short way of its questions for a Node server. */
export interface Servers {
  readonly app: Hono;
  readonly direct: DirectLane;
}

/** Both on one set of figures. */
export function createServers(options: AppOptions): Servers {
  const service = resolve(options);
  return { app: routed(service), direct: createDirectLane(service) };
}

function routed(service: Service): Hono {
  const app = new Hono();
  for (const { endpoint, answer } of routes) {
    const route = endpoint.path;
    app.on(endpoint.method.toUpperCase(), honoPath(route), (c) =>
      respond(service, arrivalOf(c, route), answer),
    );
  }
  for (const { path, answer } of referencePages) {
    app.get(path, (c) => respond(service, arrivalOf(c, path), answer));
  }
  addOtherMethods(app, service);
  app.notFound((c) =>
    respond(service, arrivalOf(c, 'unmatched'), () => {
      throw refusal('route_not_found', 'nothing is served at this path');
    }),
  );
  return app;
}

function resolve(options: AppOptions): Service {
  const { database, access, policy, sync } = options;
  return {
    database,
    access,
    policy,
    logger: options.logger ?? silentLogger,
    metrics:
      options.metrics ??
      createMetrics({ version, database, access, ...(sync !== undefined && { sync }) }),
    isReady: createReadiness(database),
    isShuttingDown: options.isShuttingDown ?? (() => false),
    sync,
    webhookRoom: createWebhookRoom(options.webhooksInTenSeconds),
  };
}

/** A path that exists answers every other method with those that it has. */
function addOtherMethods(app: Hono, service: Service): void {
  const methods = new Map<string, string[]>();
  const add = (path: string, method: string): void => {
    const known = methods.get(path) ?? [];
    methods.set(path, [...known, method, ...(method === 'GET' ? ['HEAD'] : [])]);
  };
  for (const { path, method } of allEndpoints) add(path, method.toUpperCase());
  for (const { path } of referencePages) add(path, 'GET');
  for (const [path, allowed] of methods) {
    const allow = allowed.join(', ');
    app.all(honoPath(path), (c) =>
      respond(service, arrivalOf(c, path), () => {
        throw refusal('method_not_allowed', `this path has only ${allow}`, { allow });
      }),
    );
  }
}

/** `/v1/organizations/{org}` as Hono writes it. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

const knownMethods: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

function arrivalOf(c: Context, route: string): Arrival {
  const { method } = c.req;
  return {
    request: c.req.raw,
    method: knownMethods.includes(method) ? method : 'other',
    route,
    params: c.req.param(),
  };
}
