import { type Db } from '../../database/index.ts';
import { type Workos } from '../../workos/index.ts';

/** What wakes the work up. Everything else is the same whichever runner does it; see `describeRunner`. */
export interface SyncRunner {
  /** Begins; resolves when changes are heard of. */
  readonly start: () => Promise<void>;
  /** Somebody says that something happened in WorkOS. */
  readonly nudge: () => void;
  /** Ends what is being done, between two calls, and resolves when nothing is. */
  readonly close: () => Promise<void>;
}

/** What went wrong in the background, for the log and for metrics. Nothing is lost by it. */
export interface RunnerReport {
  readonly doing: 'drain' | 'pull' | 'sweep' | 'listen' | 'timers' | 'temporal';
  readonly organizationId?: string;
  readonly error: unknown;
}

/** What a runner stands on. */
export interface RunnerGround {
  readonly db: Db;
  /** Where the database is, for a connection of the runner's own. */
  readonly url: string;
  readonly workos: Workos;
  readonly report: (report: RunnerReport) => void;
}

/** Makes a runner that is not started. */
export type MakeRunner = (ground: RunnerGround) => SyncRunner;

/** What a runner runs on beside PostgreSQL does not answer, or cannot be used. */
export class EngineAway extends Error {
  override readonly name = 'EngineAway';
  /** Short and fixed, for logs and metrics; the message may be a vendor's. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
