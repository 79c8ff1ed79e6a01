import { type Clock, type Instant } from '../clock.ts';

/**
 * Until when memory is known to be complete: everything that was committed before the last confirming
 * poll was sent.
 *
 * INVARIANT (bound): nobody is answered from memory while `isWithinBound` is false, so no answer misses
 * what was committed longer ago than the bound.
 */
export class Confirmation {
  readonly #clock: Clock;
  readonly #boundMs: number;
  #monotonicMs = -Infinity;
  #wallMs = -Infinity;

  constructor(clock: Clock, boundMs: number) {
    this.#clock = clock;
    this.#boundMs = boundMs;
  }

  /** Memory holds whatever was committed before this instant, at which a poll was sent. */
  confirm({ monotonicMs, wallMs }: Instant): void {
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
  }

  /** Whether answers may come from memory now. */
  isWithinBound(): boolean {
    return (
      this.#clock.monotonicMs() - this.#monotonicMs <= this.#boundMs &&
      this.#clock.wallMs() - this.#wallMs <= this.#boundMs
    );
  }

  /** Milliseconds since the last confirming poll was sent; infinite before the first. */
  ageMs(): number {
    return Math.max(
      this.#clock.monotonicMs() - this.#monotonicMs,
      this.#clock.wallMs() - this.#wallMs,
    );
  }
}
