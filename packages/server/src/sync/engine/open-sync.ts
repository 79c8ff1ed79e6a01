import { setTimeout as sleep } from 'node:timers/promises';
import { type Db } from '../../database/index.ts';
import { refusal } from '../../errors/index.ts';
import { getOrganization } from '../../identity/index.ts';
import {
  type CallReport,
  type CircuitState,
  type GateReading,
  openWorkos,
  type SignedWebhook,
  type Workos,
} from '../../workos/index.ts';
import { createWebhookReceiver, type WebhookAnswer } from '../inbound/index.ts';
import {
  type BackfillPlan,
  type Choice,
  chooseSide,
  type DriftReport,
  repair,
} from '../reconcile/index.ts';
import { readSyncStatus, type SyncStatus } from '../report/index.ts';
import { createPostgresRunner, type MakeRunner, type RunnerReport } from '../runner/index.ts';
import { backfillEnvironment, type BackfillRequest } from './backfill-environment.ts';
import { type Trouble, Troubles } from './troubles.ts';
import { tellingWhy } from './workos-refusals.ts';

/** What it takes to talk to a WorkOS environment. */
export interface WorkosConnection {
  readonly apiKey: string;
  /** Scheme, host and port; WorkOS itself unless told otherwise. */
  readonly apiUrl?: string;
  /** Those of the webhook endpoint; two while they are being changed, none where no webhooks come. */
  readonly webhookSecrets?: readonly string[];
}

export interface SyncOptions {
  readonly db: Db;
  readonly url: string;
  readonly workos: WorkosConnection;
  /** What wakes the work up; PostgreSQL alone unless told otherwise. */
  readonly runner?: MakeRunner;
}

/** Hears what the engine does. */
export interface SyncListener {
  readonly called?: (report: CallReport) => void;
  readonly failed?: (report: RunnerReport) => void;
  readonly circuit?: (state: CircuitState) => void;
}

/** How the connection to WorkOS is, as this process and the shared state know it. */
export interface SyncHealth extends GateReading {
  /** What keeps the engine of this process from going on, the newest first. */
  readonly troubles: readonly Trouble[];
}

/** Keeps one database equal with one WorkOS environment. */
export interface Sync {
  /** Begins to work; resolves when changes are heard of. Before that, nothing is sent by itself. */
  readonly start: () => Promise<void>;
  /** Somebody says that something happened in WorkOS, or that something is due. */
  readonly nudge: () => void;
  /** Whether a webhook is believed; `undefined` where no secret was given. */
  readonly receive: ((webhook: SignedWebhook) => WebhookAnswer) | undefined;
  readonly readHealth: () => Promise<SyncHealth>;
  /** What is pending, open and differs; of one organization when one is named. */
  readonly readStatus: (organizationId?: string) => Promise<SyncStatus>;
  /**
   * Says what differs in an organization, and has it mended unless this is a dry run. Whoever asks while the
   * same is being found out shares the answer. Throws `organization_not_found`, `organization_not_linked`,
   * `workos_unavailable`, `workos_refused`.
   */
  readonly repair: (
    organizationId: string,
    options: { readonly dryRun: boolean },
  ) => Promise<DriftReport>;
  /** Takes an existing environment in, one plan for each of its organizations; a dry run unless told otherwise. */
  readonly backfill: (asked: BackfillRequest) => AsyncGenerator<BackfillPlan>;
  /** Takes one side of an entity that waits for a person. Throws `organization_not_linked`, `organization_busy`, `nothing_to_choose`. */
  readonly chooseSide: (choice: Choice) => Promise<void>;
  /** Adds a listener; returns what takes it away. */
  readonly listen: (listener: SyncListener) => () => void;
  /** Ends what is being done, between two calls. May be called more than once. */
  readonly close: () => Promise<void>;
}

/** Puts WorkOS, the runner and the receiver of webhooks together. Nothing is connected to or sent yet. */
export function openSync(options: SyncOptions): Sync {
  const { db, url, workos: connection, runner: makeRunner = createPostgresRunner } = options;
  const listeners = new Set<SyncListener>();
  const troubles = new Troubles(() => performance.now());
  const { apiKey, apiUrl, webhookSecrets = [] } = connection;
  const workos = openWorkos({
    db,
    apiKey,
    ...(apiUrl !== undefined && { apiUrl }),
    onCall: (report) => {
      for (const { called } of listeners) called?.(report);
    },
  });
  const runner = makeRunner({
    db,
    url,
    workos,
    report: (report) => {
      troubles.note(report);
      for (const { failed } of listeners) failed?.(report);
    },
  });
  workos.onCircuitChange((state) => {
    for (const { circuit } of listeners) circuit?.(state);
  });
  let started: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // What is still starting would go on by itself.
    await started?.catch(() => undefined);
    await runner.close();
    await workos.close();
  };
  return {
    start: () => (started ??= runner.start()),
    nudge: () => {
      runner.nudge();
    },
    receive:
      webhookSecrets.length === 0
        ? undefined
        : createWebhookReceiver({
            secrets: webhookSecrets,
            nudge: () => {
              runner.nudge();
            },
          }).receive,
    readHealth: async () => ({ ...(await workos.readGate()), troubles: troubles.list() }),
    readStatus: (organizationId) => readSyncStatus(db, organizationId ?? null),
    ...answersOf(db, workos),
    backfill: (asked) => backfillEnvironment(db, workos, asked),
    listen: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    close: () => (closed ??= close()),
  };
}

/** What people ask of the engine, and wait for. */
function answersOf(db: Db, { port }: Workos): Pick<Sync, 'repair' | 'chooseSide'> {
  const underWay = new Map<string, Promise<DriftReport>>();
  const unlinked = (organizationId: string, why: string): Error =>
    refusal('organization_not_linked', `the organization \`${organizationId}\` ${why}`);
  const requireLink = async (organizationId: string): Promise<void> => {
    const { workosId } = await getOrganization(db, organizationId);
    if (workosId === null) throw unlinked(organizationId, 'is not linked');
  };
  const look = async (organizationId: string, dryRun: boolean): Promise<DriftReport> => {
    await requireLink(organizationId);
    const report = await tellingWhy(() => repair({ db, port, dryRun }, organizationId));
    if (report !== undefined) return report;
    throw unlinked(organizationId, 'was linked just now and not looked at yet');
  };
  return {
    repair: (organizationId, { dryRun }) => {
      const key = JSON.stringify([organizationId, dryRun]);
      const looking =
        underWay.get(key) ??
        look(organizationId, dryRun).finally(() => {
          underWay.delete(key);
        });
      underWay.set(key, looking);
      return looking;
    },
    chooseSide: async (choice) => {
      await requireLink(choice.organizationId);
      const chosen = await tellingWhy(() => onceFree(() => chooseSide({ db, port }, choice)));
      if (chosen === 'busy') {
        const message = `somebody else works on the organization \`${choice.organizationId}\``;
        throw refusal('organization_busy', message, { retryAfterSeconds: 1 });
      }
      if (chosen === 'nothing_to_choose') {
        throw refusal('nothing_to_choose', `the side \`${choice.side}\` cannot be taken`);
      }
    },
  };
}

const BUSY_MS = 100;
/** Whoever works on an organization is mostly done within moments; a request waits no longer for it. */
const LONGEST_BUSY_MS = 3_000;

/** What a person asks for waits a little for a worker that has the organization. */
async function onceFree<T>(work: () => Promise<T | 'busy'>): Promise<T | 'busy'> {
  const until = performance.now() + LONGEST_BUSY_MS;
  for (;;) {
    const done = await work();
    if (done !== 'busy' || performance.now() > until) return done;
    await sleep(BUSY_MS);
  }
}
