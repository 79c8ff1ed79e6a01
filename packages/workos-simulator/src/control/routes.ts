import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { isManualClock } from '../clock.ts';
import { type Action, dashboardActions, directoryActions } from '../dashboard/index.ts';
import type { FaultControl } from '../faults-control.ts';
import { drawToken } from '../identifiers.ts';
import type { Machine } from '../machine.ts';
import { commaList, pathParameter, readBody, readQuery } from '../routes/index.ts';
import { conflict, notFound, Refusal } from '../state/index.ts';
import { faultShapes } from './fault-shapes.ts';
import { viewState } from './state-view.ts';

/** Everything under this path steers the simulator; the real WorkOS has nothing there. */
export const CONTROL_PREFIX = '/_simulator';

/** What control needs besides the machine. */
export interface ControlPorts {
  readonly faults: FaultControl;
  readonly seedDemo: () => void;
  /** Writes the state to its file. @throws Refusal when there is none */
  readonly save: () => void;
}

/** The routes under `/_simulator`. They need no key, count against no limit and meet no fault. */
export function createControl(machine: Machine, ports: ControlPorts): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json(error.body, error.status);
    throw error;
  });
  app.get('/', (c) => c.json(index(machine)));
  app.get('/health', (c) => c.json({ ok: true }));
  inspectionRoutes(app, machine);
  actionRoutes(app, machine);
  faultRoutes(app, ports.faults);
  webhookRoutes(app, machine);
  app.post('/seed-demo', (c) => {
    ports.seedDemo();
    return c.json(viewState(machine.world));
  });
  app.post('/save', (c) => {
    ports.save();
    return c.json({ ok: true });
  });
  app.post('/clock', async (c) => {
    const { advanceMs } = await readBody(c, z.object({ advanceMs: z.number().min(0) }));
    const { clock } = machine.options;
    if (!isManualClock(clock)) throw conflict('clock_is_not_manual', 'The clock is not manual.');
    await clock.advance(advanceMs);
    return c.json({ now: new Date(clock.now()).toISOString() });
  });
  const prefixed = new Hono();
  prefixed.route(CONTROL_PREFIX, app);
  return prefixed;
}

function inspectionRoutes(app: Hono, machine: Machine): void {
  const requestQuery = z.object({
    method: z.string().optional(),
    path: z.string().optional(),
    status: z.coerce.number().optional(),
    limit: z.coerce.number().int().min(0).default(100),
  });
  app.get('/state', (c) => c.json(viewState(machine.world, c.req.query('events') === 'true')));
  app.get('/requests', (c) => {
    const { limit, ...filter } = readQuery(c, requestQuery);
    const records = machine.requests.list(filter);
    return c.json({
      counts: machine.requests.counts(),
      rate_limits: machine.limiter.usage(),
      matching: records.length,
      requests: records.slice(records.length - Math.min(limit, records.length)),
    });
  });
  app.delete('/requests', (c) => {
    machine.requests.clear();
    return c.body(null, 204);
  });
}

function actionRoutes(app: Hono, machine: Machine): void {
  const run = async (
    c: Context,
    actions: Readonly<Record<string, Action<never>>>,
  ): Promise<Response> => {
    const name = pathParameter(c, 'action');
    const action = Object.entries(actions).find(([known]) => kebab(known) === name);
    if (!action) throw notFound('Action', name);
    const input = await readBody(c, z.record(z.string(), z.unknown()));
    return c.json(action[1].runUnchecked(machine.world, input));
  };
  app.post('/dashboard/:action', (c) => run(c, dashboardActions));
  app.post('/directory/:action', (c) => run(c, directoryActions));
}

function faultRoutes(app: Hono, faults: FaultControl): void {
  const show = (c: Context): Response =>
    c.json({ rules: faults.list(), struck: faults.struck(), pending: faults.pending() });
  app.get('/faults', show);
  app.post('/faults', async (c) => {
    return c.json({ id: faults.add(await readBody(c, faultShapes.rule)) }, 201);
  });
  app.delete('/faults', (c) => {
    faults.clear();
    return show(c);
  });
  app.delete('/faults/:id', (c) => {
    faults.remove(pathParameter(c, 'id'));
    return show(c);
  });
  app.post('/faults/chaos', async (c) => {
    return c.json({ ids: faults.chaos(await readBody(c, faultShapes.chaos)) }, 201);
  });
  app.post('/faults/outage', async (c) => {
    faults.outage((await readBody(c, faultShapes.outage)).outage);
    return show(c);
  });
  app.post('/faults/webhooks', async (c) => {
    const wanted = await readBody(c, faultShapes.webhooks);
    // Absent and undefined are one here: the shape leaves out what was not sent.
    faults.webhooks(wanted as Parameters<FaultControl['webhooks']>[0]);
    return show(c);
  });
  app.post('/faults/events', async (c) => {
    faults.events(await readBody(c, faultShapes.events));
    return show(c);
  });
  app.post('/faults/expire-events', async (c) =>
    c.json({ expired: faults.expireEvents(await readBody(c, faultShapes.expiry)) }),
  );
  const simple = {
    'revoke-key': faults.revokeKey,
    'restore-key': faults.restoreKey,
    heal: faults.heal,
  };
  for (const [name, act] of Object.entries(simple)) {
    app.post(`/faults/${name}`, (c) => {
      act();
      return show(c);
    });
  }
  app.post('/faults/add-key', (c) => c.json({ api_key: faults.addKey() }));
}

function webhookRoutes(app: Hono, machine: Machine): void {
  const { webhooks, options } = machine;
  const endpointShape = z.object({
    url: z.string(),
    secret: z.string().optional(),
    events: commaList.or(z.array(z.string())).nullable().optional(),
  });
  app.get('/webhooks', (c) =>
    c.json({
      endpoints: webhooks.endpoints(),
      pending: webhooks.pending,
      deliveries: webhooks.deliveries().slice(-100),
    }),
  );
  app.post('/webhooks', async (c) => {
    const { url, secret, events } = await readBody(c, endpointShape);
    const id = `we_${drawToken(26, options.seed, 'endpoint', webhooks.endpoints().length)}`;
    const endpoint = { id, url, secret: secret ?? options.webhookSecret, events: events ?? null };
    webhooks.addEndpoint(endpoint);
    return c.json(endpoint, 201);
  });
  app.delete('/webhooks/:id', (c) => {
    webhooks.removeEndpoint(pathParameter(c, 'id'));
    return c.body(null, 204);
  });
}

function index(machine: Machine): Readonly<Record<string, unknown>> {
  const names = (group: string, actions: object): readonly string[] =>
    Object.keys(actions).map((name) => `POST ${CONTROL_PREFIX}/${group}/${kebab(name)}`);
  return {
    environment_id: machine.world.settings.environmentId,
    seed: machine.options.seed,
    dashboard: names('dashboard', dashboardActions),
    directory: names('directory', directoryActions),
    look: ['state', 'state?events=true', 'requests', 'faults', 'webhooks'].map(
      (name) => `GET ${CONTROL_PREFIX}/${name}`,
    ),
  };
}

/** `renameRole` as it is written in a path: `rename-role`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
