import { type HttpServer, listen } from './http-server.ts';

const LAST_ANSWERS_MS = 1_000;

/**
 * The address of several workers. While none of them listens it is held here, and what is asked is answered
 * with 503, so that nobody else can take it and nobody finds it closed.
 */
export class HeldAddress {
  readonly url: string;
  readonly port: number;
  readonly #host: string;
  #http: HttpServer | undefined;
  /** One change after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(http: HttpServer, host: string) {
    this.url = http.url;
    this.port = http.port;
    this.#host = host;
    this.#http = http;
  }

  /** Takes the address. Throws a `CliError` with the exit code `addressTaken`. */
  static async take(address: { host: string; port: number }): Promise<HeldAddress> {
    return new HeldAddress(await listen(address), address.host);
  }

  /** Resolves once a worker can listen on it. */
  release(): Promise<void> {
    return this.#inTurn(async () => {
      const http = this.#http;
      this.#http = undefined;
      await http?.close(LAST_ANSWERS_MS);
    });
  }

  /** Holds it again, if `wanted` still says so when it is its turn. */
  holdAgain(wanted: () => boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#http === undefined && wanted()) {
        this.#http = await listen({ host: this.#host, port: this.port });
      }
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
