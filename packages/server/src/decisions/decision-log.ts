import { type Dimensions } from '@rolecall/policy';
import { type DecisionRecorder, type RecordedHandle } from '../access/index.ts';
import { type Db } from '../database/index.ts';
import { hasCode } from '../errors/index.ts';
import { bucketsOf } from './bucket.ts';
import { addBuckets, dropOldDays, ensureDay } from './decisions-store.ts';
import { Notes } from './notes.ts';
import { readDecisionSettings } from './settings.ts';

export interface DecisionLogOptions {
  readonly db: Db;
  /** How many notes may wait to be written; 131,072 unless told otherwise, which take some ten megabytes. */
  readonly capacity?: number;
  /** How long a note waits at most before it is written, where the database can be reached; 1,000. */
  readonly writeEveryMs?: number;
  /** From 0 to 1; decides what is sampled. */
  readonly random?: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Told why notes could not be written. */
  readonly failed?: (error: unknown) => void;
}

/** What became of notes in this process, since it started. */
export interface DecisionLogReport {
  readonly waiting: number;
  readonly capacity: number;
  readonly written: number;
  /** Notes for which there was no room, or which the database refused. */
  readonly dropped: number;
}

const CAPACITY = 131_072;
const WRITE_EVERY_MS = 1_000;
/** So many notes are looked at without a pause; the process answers requests in between. */
const BATCH = 2_500;
const TEND_EVERY_MS = 60_000;
const CLOSING_MS = 5_000;

/**
 * Keeps what was answered, without ever standing in the way of an answer.
 *
 * INVARIANT (a log never blocks): a check only adds a note, and a note that finds no room is counted and dropped.
 * Whatever is slow happens later: once a second notes are grouped into buckets and written, a batch at a time,
 * and only what was written is let go of. While the database is away notes wait, up to the capacity. A batch
 * whose commit was not answered may be counted twice.
 */
export class DecisionLog implements DecisionRecorder {
  readonly #db: Db;
  readonly #capacity: number;
  readonly #writeEveryMs: number;
  readonly #random: () => number;
  readonly #clock: () => number;
  readonly #failed: (error: unknown) => void;
  readonly #notes: Notes;
  readonly #days = new Set<string>();
  #sampleRate = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #tendedAt = -Infinity;
  #tending: Promise<void> | undefined;
  #closed = false;
  #written = 0;
  #dropped = 0;

  constructor(options: DecisionLogOptions) {
    const { db, capacity = CAPACITY, writeEveryMs = WRITE_EVERY_MS } = options;
    this.#db = db;
    this.#capacity = capacity;
    this.#writeEveryMs = writeEveryMs;
    this.#random = options.random ?? Math.random;
    this.#clock = options.now ?? Date.now;
    this.#failed = options.failed ?? (() => undefined);
    this.#notes = new Notes(capacity, this.#clock());
  }

  denied(
    handle: RecordedHandle,
    scope: string,
    resourceId: string,
    dimensions: Dimensions | undefined,
  ): void {
    if (this.#timer === undefined) this.#wake();
    if (!this.#notes.add(handle, scope, resourceId, dimensions)) this.#dropped += 1;
  }

  allowed(
    handle: RecordedHandle,
    scope: string,
    resourceId: string,
    dimensions: Dimensions | undefined,
  ): void {
    // Also without anything to write: how much is sampled is found out only by a process that is awake.
    if (this.#timer === undefined) this.#wake();
    if (this.#sampleRate === 0) return;
    if (this.#sampleRate < 1 && this.#random() >= this.#sampleRate) return;
    if (!this.#notes.add(handle, scope, resourceId, dimensions)) this.#dropped += 1;
  }

  report(): DecisionLogReport {
    return {
      waiting: this.#notes.size,
      capacity: this.#capacity,
      written: this.#written,
      dropped: this.#dropped,
    };
  }

  /** Writes what waits now. Resolves when that is done, or has failed and waits for its next turn. */
  async flush(): Promise<void> {
    this.#notes.now = this.#clock();
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** Writes what waits, for five seconds at most, and notes nothing any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
    });
    if (this.#notes.size > 0) await Promise.race([this.flush(), late]);
    clearTimeout(timer);
  }

  #wake(): void {
    if (this.#closed) return;
    this.#notes.now = this.#clock();
    this.#timer = setInterval(() => void this.flush(), this.#writeEveryMs);
    // A process that has nothing else to do may end.
    this.#timer.unref();
    void this.#tend();
  }

  async #write(): Promise<void> {
    await this.#tend();
    while (this.#notes.size > 0) {
      const batch = this.#notes.peek(BATCH);
      try {
        const buckets = bucketsOf(batch);
        for (const { day } of buckets) await this.#ensureDay(day);
        if (buckets.length > 0) await addBuckets(this.#db, buckets);
        this.#written += batch.length;
      } catch (error) {
        this.#failed(error);
        // Another day may have been forgotten meanwhile; it is looked for again.
        this.#days.clear();
        if (hasCode(error, 'database_unavailable')) return;
        // What the database refuses now it would refuse for ever, with everything behind it.
        this.#dropped += batch.length;
      }
      this.#notes.drop(batch.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #ensureDay(day: string): Promise<void> {
    if (this.#days.has(day)) return;
    await ensureDay(this.#db, day);
    this.#days.add(day);
  }

  /** Follows the settings, and forgets old days, once a minute. */
  async #tend(): Promise<void> {
    const now = this.#clock();
    if (this.#tending === undefined || now - this.#tendedAt >= TEND_EVERY_MS) {
      this.#tendedAt = now;
      this.#tending = this.#followSettings();
    }
    await this.#tending;
  }

  async #followSettings(): Promise<void> {
    try {
      const { allowSampleRate, retentionDays } = await readDecisionSettings(this.#db);
      this.#sampleRate = allowSampleRate;
      await dropOldDays(this.#db, retentionDays);
    } catch (error) {
      this.#failed(error);
    }
  }
}
