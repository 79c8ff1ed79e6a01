import { type Db } from '../../database/index.ts';
import { hasCode } from '../../errors/index.ts';
import { isWorkosFailure, type Workos } from '../../workos/index.ts';
import {
  drainEnvironment,
  drainOrganization,
  type DrainResult,
  RestoreGuard,
} from '../drain/index.ts';
import { LeaseLost, listDueOrganizations } from '../entity/index.ts';
import { pullEvents, type SnapshotWish, wantSnapshots } from '../inbound/index.ts';
import { EnvironmentGuard, WrongEnvironment } from './environment-guard.ts';
import { type RunnerReport } from './runner.ts';

export interface RoutinesOptions {
  readonly db: Db;
  readonly workos: Workos;
  readonly leaseMs?: number;
  /** Told which organizations have something to do. */
  readonly wake: (organizationIds: readonly string[]) => void | Promise<void>;
  readonly report: (report: RunnerReport) => void;
}

/** How a piece of work ended; `failed` was reported already. */
export interface Outcome {
  readonly result: DrainResult | 'failed';
  /** After how many milliseconds it is to be tried again; null when nothing is left to do. */
  readonly againInMs: number | null;
  /** Whether nobody can do better before that time, whatever happens meanwhile: WorkOS has named it. */
  readonly firm?: boolean;
}

/** How one piece of work is done. */
export interface Doing {
  /** Ends it between two calls. */
  readonly signal: AbortSignal;
  /** Who does it, a UUID; see `takeLease`. Somebody new unless told otherwise. */
  readonly holder?: string;
}

/** How soon an organization is tried again that another worker has. */
const BUSY_MS = 500;
const LONGEST_MS = 60_000;

/** What is done, by every runner in the same way; a runner only says when. */
export class Routines {
  readonly #options: RoutinesOptions;
  readonly #guard: EnvironmentGuard;
  readonly #restore: RestoreGuard;

  constructor(options: RoutinesOptions) {
    this.#options = options;
    this.#guard = new EnvironmentGuard(options.db, options.workos.port);
    this.#restore = new RestoreGuard(options.db, options.workos.port);
  }

  /** Works on one organization until nothing more is due. Throws nothing. */
  async drain(organizationId: string, { signal, holder }: Doing): Promise<Outcome> {
    const { db, workos, leaseMs } = this.#options;
    try {
      await this.#guard.confirm();
      const result = await drainOrganization(
        {
          db,
          port: workos.port,
          signal,
          restore: this.#restore,
          ...(leaseMs !== undefined && { leaseMs }),
          ...(holder !== undefined && { holder }),
        },
        organizationId,
      );
      return { result, againInMs: result === 'busy' ? BUSY_MS : null };
    } catch (error) {
      this.#options.report({ doing: 'drain', organizationId, error });
      return pauseAfter(error);
    }
  }

  /** Reads what happened in WorkOS, and wakes whom it concerns. Throws nothing. */
  async pull(signal: AbortSignal): Promise<Outcome> {
    const { db, workos, report } = this.#options;
    try {
      await this.#guard.confirm();
      await pullEvents({ db, port: workos.port, signal });
      await drainEnvironment({ db, port: workos.port });
      await this.#wakeDue();
      return { result: 'drained', againInMs: null };
    } catch (error) {
      report({ doing: 'pull', error });
      return pauseAfter(error);
    }
  }

  /**
   * Wakes every organization in which something is due, whoever forgot it. Answers as of which moment of the
   * database's clock; undefined when it could not, which was reported. Throws nothing.
   */
  async sweep(): Promise<string | undefined> {
    try {
      return await this.#wakeDue();
    } catch (error) {
      this.#options.report({ doing: 'sweep', error });
      return undefined;
    }
  }

  /** Has organizations compared as a whole, and wakes them. Throws what the database throws. */
  async compare(which: SnapshotWish): Promise<void> {
    await wantSnapshots(this.#options.db, { anew: false, ...which });
    await this.sweep();
  }

  async #wakeDue(): Promise<string> {
    const { organizationIds, asOf } = await listDueOrganizations(this.#options.db);
    await this.#options.wake(organizationIds);
    return asOf;
  }
}

/** How long to leave something alone that could not go on. */
function pauseAfter(error: unknown): Outcome {
  const pause = (againInMs: number): Outcome => ({ result: 'failed', againInMs });
  if (error instanceof LeaseLost) return pause(BUSY_MS);
  if (error instanceof WrongEnvironment) return pause(LONGEST_MS);
  if (isWorkosFailure(error)) {
    if (error.kind === 'unauthorized') return pause(LONGEST_MS);
    if (error.code === 'circuit_open') return pause(30_000);
    const firm = error.kind === 'throttled' && error.retryAfterMs !== null;
    return { ...pause(Math.max(1_000, error.retryAfterMs ?? 0)), ...(firm && { firm }) };
  }
  return pause(hasCode(error, 'database_unavailable') ? 1_000 : 5_000);
}
