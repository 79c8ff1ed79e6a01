import { type Db } from '../../database/index.ts';
import { pinEnvironment, type WorkosPort } from '../../workos/index.ts';

/** Thrown when the key belongs to another environment than this database, or to one that cannot be told. */
export class WrongEnvironment extends Error {
  override readonly name = 'WrongEnvironment';

  constructor(found: 'other' | 'unknown') {
    super(
      found === 'other'
        ? 'the WorkOS key belongs to another environment than this database'
        : 'the WorkOS environment cannot be told: it shows no roles',
    );
  }
}

/**
 * INVARIANT (one environment): nothing is taken from WorkOS or sent to it before its environment is known to be
 * the one that this database belongs to. Asked once for each process, and again until there is an answer.
 */
export class EnvironmentGuard {
  readonly #db: Db;
  readonly #port: WorkosPort;
  #confirmed: Promise<void> | undefined;

  constructor(db: Db, port: WorkosPort) {
    this.#db = db;
    this.#port = port;
  }

  /** Throws `WrongEnvironment`, and what calls throw. */
  confirm(): Promise<void> {
    this.#confirmed ??= this.#ask().catch((error: unknown) => {
      this.#confirmed = undefined;
      throw error;
    });
    return this.#confirmed;
  }

  async #ask(): Promise<void> {
    const found = await pinEnvironment(this.#db, await this.#port.readEnvironmentMark());
    if (found === 'other' || found === 'unknown') throw new WrongEnvironment(found);
  }
}
