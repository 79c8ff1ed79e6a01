import { type Client, type PoolClient } from 'pg';

/** Lets statements that are given in one go leave in one packet: the server wakes up once for all of them. */
export class Gathering {
  readonly #client: Client | PoolClient;
  #open = false;

  constructor(client: Client | PoolClient) {
    this.#client = client;
  }

  /** Keeps what is sent from now on until everything that is ready to run has run. */
  begin(): void {
    if (this.#open) return;
    this.#open = true;
    const { stream } = this.#client.connection;
    stream.cork();
    process.nextTick(() => {
      this.#open = false;
      stream.uncork();
    });
  }
}
