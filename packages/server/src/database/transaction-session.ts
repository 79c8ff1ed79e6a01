import { setImmediate as turn } from 'node:timers/promises';
import { defect } from '../errors/index.ts';
import { type Connection, type Session, type Statement, type StatementResult } from './session.ts';

/*
 * The statements of one transaction, in the order in which they were given. Where the connection is a pipeline
 * each is sent at once; else it waits for the answer to the one before it.
 *
 *   beginning   BEGIN is sent and not answered: only harmless statements go with it
 *   open        everything goes at once
 *   ended       nothing is taken any more
 *
 * A statement that was posted and fails takes all that comes after it along, the commit too: PostgreSQL refuses
 * them. What the transaction fails with is the first failure, not the refusals that follow from it.
 */
export class TransactionSession implements Session {
  readonly #connection: Connection;
  readonly #afterCommit: Statement[] = [];
  readonly #begun: Promise<unknown>;
  #hasBegun = false;
  /** Settled when everything that was given has been answered. */
  #answered: Promise<unknown> = Promise.resolve();
  /** What is given waits for this, while something in front of it waits. */
  #gate: Promise<unknown> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #running = 0;
  #posted = 0;
  #ended = false;

  /** Sends BEGIN. */
  constructor(connection: Connection, begin: string) {
    this.#connection = connection;
    this.#begun = connection.run({ text: begin }).then(() => {
      this.#hasBegun = true;
    });
    this.#noteFailure(this.#begun);
  }

  /** The failure that all others follow from, if a statement that nobody waited for has failed. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  get afterCommit(): readonly Statement[] {
    return this.#afterCommit;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    this.#requireOpen();
    this.#running += 1;
    try {
      return await this.#send(statement);
    } finally {
      this.#running -= 1;
    }
  };

  post(statement: Statement): void {
    this.#requireOpen();
    this.#posted += 1;
    this.#noteFailure(this.#send(statement));
  }

  sendAfterCommit(statement: Statement): void {
    this.#requireOpen();
    this.#afterCommit.push(statement);
  }

  /** Resolves when everything that was given has been answered. */
  async settle(): Promise<void> {
    await this.#answered;
  }

  /** Takes no more statements; resolves to how many nobody had waited for, once they are answered. */
  async abandon(): Promise<number> {
    this.#ended = true;
    const unawaited = this.#running;
    await this.#answered;
    return unawaited;
  }

  /**
   * Takes no more statements, and resolves when COMMIT may be sent: at once, unless something that was posted
   * never left. Throws a defect when nobody waited for a statement that was not posted.
   */
  async close(): Promise<void> {
    if (this.#running > 0) {
      throw defect(`a transaction ended before ${await this.abandon()} of its statements`);
    }
    this.#ended = true;
    if (!this.#hasBegun || !this.#connection.pipeline) await this.#answered;
    // Values that cannot be sent are an error of the driver's, which PostgreSQL would know nothing of: it shows
    // before the next turn. Meanwhile the server is at work on what was sent.
    else if (this.#posted > 0) await turn();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #requireOpen(): void {
    if (this.#ended) throw defect('a transaction was used after its end');
  }

  #send(statement: Statement): Promise<StatementResult> {
    const result = this.#dispatch(statement);
    this.#answered = Promise.all([this.#answered, result.catch(() => undefined)]);
    return result;
  }

  #dispatch(statement: Statement): Promise<StatementResult> {
    if (!this.#connection.pipeline) {
      return this.#answered.then(() => {
        if (this.#failure !== undefined) throw this.#failure.error;
        return this.#connection.run(statement);
      });
    }
    // INVARIANT (one transaction): what would do harm alone is sent only when BEGIN is known to have succeeded.
    if (!this.#hasBegun && statement.harmless !== true) this.#gate ??= this.#begun;
    if (this.#gate === undefined) return this.#connection.run(statement);
    return this.#gate.then(() => this.#connection.run(statement));
  }

  #noteFailure(result: Promise<unknown>): void {
    const noted = result.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#answered = Promise.all([this.#answered, noted]);
  }
}
