import { CONTROL_PREFIX, createControl, type SimulatorState, viewState } from './control/index.ts';
import {
  createDashboard,
  createDirectoryControl,
  type Dashboard,
  type DirectoryControl,
} from './dashboard/index.ts';
import { createFaultControl, type FaultControl } from './faults-control.ts';
import type { Answer } from './faults/index.ts';
import { announceEvents, assemble, foundEnvironment } from './machine.ts';
import { resolveOptions, type SimulatorOptions } from './options.ts';
import { type Caller, createPipeline } from './pipeline.ts';
import type { RateLimitUsage } from './rate-limit.ts';
import type { RequestLog } from './request-log.ts';
import { createApi } from './routes/index.ts';
import { createSaver } from './saver.ts';
import { seedDemo } from './seed/index.ts';
import { readSnapshot, restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.ts';
import { findInconsistencies } from './state/index.ts';
import type { WebhookEndpoint, WebhookSender } from './webhooks/index.ts';

/** A WorkOS environment that can be talked to, steered and broken. */
export interface SimulatorCore {
  readonly apiKey: string;
  readonly webhookSecret: string;
  readonly environmentId: string;
  readonly seed: string;
  /** A person in the WorkOS dashboard. */
  readonly dashboard: Dashboard;
  /** The customers' directories. */
  readonly directory: DirectoryControl;
  readonly faults: FaultControl;
  readonly requests: RequestLog;
  readonly rateLimits: () => readonly RateLimitUsage[];
  readonly webhooks: WebhookSender;
  /** Adds an endpoint with the common secret; returns it. */
  readonly addWebhook: (url: string, events?: readonly string[]) => WebhookEndpoint;
  /** Everything there is, for comparison. */
  readonly state: (options?: { readonly events?: boolean }) => SimulatorState;
  /** What is wrong with the state itself; always nothing, or the simulator has a bug. */
  readonly inconsistencies: () => readonly string[];
  readonly snapshot: () => Snapshot;
  /** Three believable organizations with people and roles. */
  readonly seedDemo: () => void;
}

/** A simulator without a socket. */
export interface SimulatorHandler extends SimulatorCore {
  /**
   * Answers a request; the host in its URL does not matter.
   * @throws ConnectionLost where the network would fail
   */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly close: () => void;
}

/** What a caller sees when the connection breaks: `fetch` of the platform throws a TypeError as well. */
export class ConnectionLost extends TypeError {
  constructor() {
    super('fetch failed: connection lost');
    this.name = 'ConnectionLost';
  }
}

/** A simulator whose requests are handled by whoever holds the connection. */
export interface UnpluggedSimulator extends SimulatorCore {
  readonly handle: (request: Request, caller: Caller) => Promise<Answer>;
  /** Stops all timers and writes the state to its file, if it has one. */
  readonly close: () => void;
}

/** Makes a simulator that is called, not connected to. */
export function createSimulator(options: SimulatorOptions = {}): SimulatorHandler {
  const { handle, ...core } = createUnpluggedSimulator(options);
  return {
    ...core,
    fetch: async (request) => {
      const answer = await handle(request, { gone: () => whenAborted(request.signal) });
      if (answer.end !== 'answered') throw new ConnectionLost();
      return answer.response;
    },
  };
}

/** Makes a simulator and leaves open how requests come to it. */
export function createUnpluggedSimulator(options: SimulatorOptions): UnpluggedSimulator {
  const resolved = resolveOptions(options);
  const machine = assemble(resolved);
  const { world, webhooks } = machine;
  const saved = resolved.file === null ? null : readSnapshot(resolved.file);
  if (saved) restoreSnapshot(world, saved);
  else foundEnvironment(machine);
  if (!saved && resolved.demo) seedDemo(world);
  announceEvents(machine);
  const faults = createFaultControl(machine);
  const saver = createSaver(machine);
  const control = createControl(machine, {
    faults,
    seedDemo: () => {
      seedDemo(world);
    },
    save: saver.save,
  });
  const pipeline = createPipeline(machine, createApi(world, machine.manners));
  return {
    apiKey: resolved.apiKey,
    webhookSecret: resolved.webhookSecret,
    environmentId: resolved.environmentId,
    seed: resolved.seed,
    dashboard: createDashboard(world),
    directory: createDirectoryControl(world),
    faults,
    requests: machine.requests,
    rateLimits: () => machine.limiter.usage(),
    webhooks,
    addWebhook: (url, events) => {
      const id = `we_${webhooks.endpoints().length + 1}`;
      const endpoint = { id, url, secret: resolved.webhookSecret, events: events ?? null };
      webhooks.addEndpoint(endpoint);
      return endpoint;
    },
    state: ({ events = false } = {}) => viewState(world, events),
    inconsistencies: () => findInconsistencies(world),
    snapshot: () => takeSnapshot(world),
    seedDemo: () => {
      seedDemo(world);
    },
    handle: async (request, caller) =>
      new URL(request.url).pathname.startsWith(CONTROL_PREFIX)
        ? { end: 'answered', response: await control.fetch(request) }
        : pipeline(request, caller),
    close: () => {
      webhooks.close();
      saver.close();
    },
  };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      resolve();
    };
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true });
  });
}
