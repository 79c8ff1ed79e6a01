import { setTimeout as sleep } from 'node:timers/promises';
import { openOwnConnection, type OwnConnection } from '../../database/index.ts';
import { announcedOrganization } from '../../identity/index.ts';

export interface ChangeListenerOptions {
  readonly url: string;
  /**
   * The number of a lock: of all processes that name it one listens, and the others stand by. Without it each
   * listens.
   */
  readonly alone?: number;
  /** Told the organization of each commit that was announced. */
  readonly heard: (organizationId: string) => void;
  /** Told each time that listening began: what was announced before was missed. */
  readonly listening: () => void;
  /** Told when it no longer listens; until it does again, another one may. */
  readonly lost?: () => void;
  readonly failed: (error: unknown) => void;
}

const TIMEOUT_MS = 5_000;
const LONGEST_PAUSE_MS = 5_000;
/** How soon one that stands by takes the place of one that is gone. */
const STAND_BY_MS = 1_000;

/** Hears what is committed, on a connection of its own that is opened again whenever it is lost. */
export class ChangeListener {
  readonly #options: ChangeListenerOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: ChangeListenerOptions) {
    this.#options = options;
  }

  /** Resolves when it listens, or has failed to for the first time. */
  start(): Promise<void> {
    const attempted = Promise.withResolvers<undefined>();
    this.#running ??= this.#run(() => {
      attempted.resolve(undefined);
    });
    return attempted.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(attempted: () => void): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = 50; this.#isOpen(); pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        if (await this.#listen(attempted)) pauseMs = 50;
      } catch (error) {
        if (this.#isOpen()) this.#options.failed(error);
      }
      attempted();
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #isOpen(): boolean {
    return !this.#closing.signal.aborted;
  }

  /** Listens until the connection ends; whether it ever did. */
  async #listen(attempted: () => void): Promise<boolean> {
    const { url, alone, heard, listening } = this.#options;
    const connection = await openOwnConnection({
      url,
      applicationName: 'rolecall sync',
      timeoutMs: TIMEOUT_MS,
    });
    try {
      if (!this.#isOpen()) return false;
      // Behind a pooler a lock of the session is nobody's, and nothing is announced either.
      if (alone !== undefined && connection.direct)
        await this.#beTheOne(connection, alone, attempted);
      if (!this.#isOpen() || connection.ended.aborted) return false;
      await connection.listen('rolecall', (notification) => {
        heard(announcedOrganization(notification));
      });
      listening();
      attempted();
      await ended([connection.ended, this.#closing.signal]);
      return true;
    } finally {
      this.#options.lost?.();
      connection.close();
    }
  }

  /** Resolves when the lock is held, or there is nothing to hold it with any more. */
  async #beTheOne(connection: OwnConnection, lock: number, attempted: () => void): Promise<void> {
    const signal = AbortSignal.any([connection.ended, this.#closing.signal]);
    const attempt = { text: 'SELECT pg_try_advisory_lock($1) AS held', values: [lock] };
    while (!signal.aborted) {
      const [row] = await connection.query<{ readonly held: boolean }>(attempt);
      if (row?.held === true) return;
      attempted();
      await sleep(STAND_BY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function ended(signals: readonly AbortSignal[]): Promise<void> {
  const any = AbortSignal.any([...signals]);
  if (any.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    any.addEventListener('abort', () => {
      resolve();
    });
  });
}
