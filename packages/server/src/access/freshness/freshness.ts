import { type Database } from '../../database/index.ts';
import { readAnnouncement } from '../../identity/index.ts';
import { ageMs, type Clock, type Instant } from '../clock.ts';
import { type FreshnessReport } from '../report.ts';
import { type ChangeRow, firstToCome, type Poll } from './changes-store.ts';
import { Confirmation } from './confirmation.ts';
import { Poller } from './poller.ts';
import { FORGOTTEN_AFTER_MS, Retention } from './retention.ts';

/** What is kept fresh. */
export interface Perishable {
  /** These changes were committed; by organization, in the order of their revisions. */
  apply(changes: readonly ChangeRow[]): void;
  /**
   * This change was committed, and perhaps others that are not known yet. False, and nothing is done, where those
   * have to be known first.
   */
  announce(change: ChangeRow): boolean;
  /** These API keys were changed. */
  forgetKeys(ids: readonly string[]): void;
  /** Nothing that is known counts any more, nor what is being loaded now. */
  reset(): void;
}

export interface FreshnessSettings {
  readonly database: Database;
  readonly clock: Clock;
  readonly boundMs: number;
  readonly pollIntervalMs: number;
}

/** Keeps a memory complete by polling for changes, and knows until when it is. */
export class Freshness {
  readonly #clock: Clock;
  readonly #boundMs: number;
  readonly #memory: Perishable;
  readonly #confirmation: Confirmation;
  readonly #poller: Poller;
  readonly #retention: Retention;
  #last: { readonly poll: Poll; readonly sentAt: Instant } | undefined;

  constructor(settings: FreshnessSettings, memory: Perishable) {
    const { database, clock, boundMs, pollIntervalMs } = settings;
    this.#clock = clock;
    this.#boundMs = boundMs;
    this.#memory = memory;
    this.#confirmation = new Confirmation(clock, boundMs);
    this.#retention = new Retention(database.db, clock);
    this.#poller = new Poller({
      url: database.url,
      clock,
      intervalMs: pollIntervalMs,
      timeoutMs: Math.max(boundMs, LEAST_TIMEOUT_MS),
      polled: (poll, sentAt) => {
        this.#polled(poll, sentAt);
      },
      announced: (notification) => this.#announced(notification),
    });
  }

  /** Whether answers may come from memory now. */
  isConfirmed(): boolean {
    return this.#confirmation.isWithinBound();
  }

  /** Resolves after the first poll, or the first failure of one, which is no error. */
  start(): Promise<void> {
    return this.#poller.start();
  }

  close(): Promise<void> {
    return this.#poller.close();
  }

  report(): FreshnessReport {
    const staleness = this.#confirmation.ageMs();
    const { announcements, polls, failures } = this.#poller;
    return {
      confirmed: this.isConfirmed(),
      stalenessMs: Number.isFinite(staleness) ? staleness : null,
      boundMs: this.#boundMs,
      notifications: announcements.heard ? 'listening' : 'polling',
      ...(!announcements.heard && { notice: announcements.notice }),
      polls,
      failedPolls: failures,
    };
  }

  #polled(poll: Poll, sentAt: Instant): void {
    if (this.#continues(poll)) {
      this.#memory.forgetKeys(poll.apiKeys);
      this.#memory.apply(poll.changes);
    } else {
      this.#memory.reset();
    }
    this.#last = { poll, sentAt };
    this.#confirmation.confirm(sentAt);
    // Rows that stay longer than they must are no harm; the next minute tries again.
    this.#retention.sweep(poll.snapshot).catch(() => undefined);
  }

  /**
   * Takes in what was announced. It confirms nothing: only a poll knows that nothing was missed. What is announced
   * twice, or polled too, is known the second time.
   */
  #announced(notification: string): boolean {
    const poll = this.#last?.poll;
    if (poll === undefined) return false;
    const change = readAnnouncement(notification, poll.announcementKey);
    return change?.epoch === poll.epoch && this.#memory.announce(change);
  }

  /** Whether what is known plus the changes of this poll is all that this poll could see. */
  #continues({ history, snapshot }: Poll): boolean {
    if (this.#last === undefined) return false;
    const { poll, sentAt } = this.#last;
    return (
      history === poll.history &&
      firstToCome(snapshot) >= firstToCome(poll.snapshot) &&
      ageMs(this.#clock, sentAt) < FORGOTTEN_AFTER_MS
    );
  }
}

const LEAST_TIMEOUT_MS = 1_000;
