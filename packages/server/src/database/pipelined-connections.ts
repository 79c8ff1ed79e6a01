import { Client, type ClientConfig } from 'pg';
import { outage } from '../errors/index.ts';
import { connectFailure, judgeStatementFailure } from './failures.ts';
import { Gathering } from './gathering.ts';
import { type Session, type Statement, type StatementResult, toQueryConfig } from './session.ts';

/*
 * Many callers share a few connections, and none waits for the answer to another one's statement before
 * its own is sent: with 32 callers that is 4 times what a pool of 10 connections does (35,000 against
 * 8,000 single-row reads a second, on two cores). Every statement is its own transaction and fails alone.
 * Answers come in order, so a slow statement holds up those behind it: short ones only.
 *
 * A lane is   connecting → open → retired (lost, or of no more use)
 * A retired lane takes nothing new; another takes its place at the next statement.
 */

/** So many unanswered statements on every lane before another one is opened. */
const CROWDED = 4;
/** So many unanswered statements on one lane mean that the database does not keep up. */
const FULL = 1_000;

export class PipelinedConnections implements Session {
  readonly #config: ClientConfig;
  readonly #size: number;
  readonly #lanes = new Set<Lane>();
  #closed = false;

  /** At most `size` connections, none of them before it is needed. */
  constructor(config: ClientConfig, size: number) {
    this.#config = { ...config, pipeline: true };
    this.#size = size;
  }

  readonly run = async (statement: Statement): Promise<StatementResult> => {
    if (this.#closed) throw outage('shutting_down', 'the database pool is closed', 1);
    const lane = this.#pickLane();
    if (lane.unanswered >= FULL) {
      throw outage('database_unavailable', 'the database is too slow for what it is asked', 1);
    }
    return lane.run(statement);
  };

  /** Takes no more statements and waits for the answers to those that were sent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#lanes].map((lane) => lane.retire()));
  }

  #pickLane(): Lane {
    let quietest: Lane | undefined;
    for (const lane of this.#lanes) {
      if (quietest === undefined || lane.unanswered < quietest.unanswered) quietest = lane;
    }
    const crowded = quietest === undefined || quietest.unanswered >= CROWDED;
    if (quietest !== undefined && !(crowded && this.#lanes.size < this.#size)) return quietest;
    const opened = new Lane(this.#config, () => this.#lanes.delete(opened));
    this.#lanes.add(opened);
    return opened;
  }
}

class Lane {
  /** Statements that were taken and not answered yet. */
  unanswered = 0;
  readonly #client: Client;
  readonly #gathering: Gathering;
  readonly #opened: Promise<unknown>;
  readonly #onRetired: () => void;
  #retired: Promise<void> | undefined;

  constructor(config: ClientConfig, onRetired: () => void) {
    this.#onRetired = onRetired;
    this.#client = new Client(config);
    this.#gathering = new Gathering(this.#client);
    // Without a listener, a connection that is cut off would end the process.
    this.#client.on('error', () => void this.retire());
    this.#opened = this.#client.connect();
  }

  async run(statement: Statement): Promise<StatementResult> {
    this.unanswered += 1;
    try {
      await this.#opened.catch((error: unknown) => {
        void this.retire();
        throw connectFailure(error);
      });
      this.#gathering.begin();
      return await this.#client.query(toQueryConfig(statement, true));
    } catch (error) {
      const failure = judgeStatementFailure(error);
      if (failure.connectionLost) void this.retire();
      throw failure.error;
    } finally {
      this.unanswered -= 1;
    }
  }

  /** Takes no more; resolves when what was sent is answered and the connection is closed. */
  retire(): Promise<void> {
    this.#retired ??= this.#close();
    return this.#retired;
  }

  async #close(): Promise<void> {
    this.#onRetired();
    await this.#opened.catch(() => undefined);
    await this.#client.end().catch(() => undefined);
  }
}
