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
  readonly doing: 'drain' | 'pull' | 'sweep' | 'listen' | 'timers';
  readonly organizationId?: string;
  readonly error: unknown;
}
