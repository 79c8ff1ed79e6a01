import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { isWhole } from './answer-bytes.ts';

const MOST_ANSWER_BYTES = 1024 * 1024;

/** One connection that asks, waits for the answer, and asks again. */
export class Asker {
  readonly #socket: Socket;
  readonly #requests: readonly Buffer[];
  #next: number;
  #begun = 0;
  #until = 0;
  /** What has come of an answer that is not whole yet. */
  #rest: Buffer | undefined;
  #done: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  /** How long each answer took, in milliseconds. */
  readonly times: number[] = [];

  private constructor(
    open: (received: (bytes: Buffer) => void) => Socket,
    requests: readonly Buffer[],
    first: number,
  ) {
    this.#requests = requests;
    this.#next = first;
    this.#socket = open((bytes) => {
      this.#receive(bytes);
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      this.#failed(error);
    });
    this.#socket.on('close', () => {
      this.#failed(new Error('the connection was closed'));
    });
  }

  /** Connects; `first` is the request it begins with. */
  static async connect(port: number, requests: readonly Buffer[], first: number): Promise<Asker> {
    // One buffer for all that is read: reading through a stream would cost as much as all the rest.
    const open = (received: (bytes: Buffer) => void): Socket =>
      connect({
        port,
        host: '127.0.0.1',
        onread: {
          buffer: Buffer.allocUnsafe(MOST_ANSWER_BYTES),
          callback: (size, buffer) => {
            received(Buffer.from(buffer.buffer, buffer.byteOffset, size));
            return true;
          },
        },
      });
    const asker = new Asker(open, requests, first);
    await once(asker.#socket, 'connect');
    return asker;
  }

  /** Asks until then, by `performance.now`. */
  ask(until: number): Promise<void> {
    this.#until = until;
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
      this.#send(performance.now());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(now: number): void {
    const request = this.#requests[this.#next];
    this.#next = (this.#next + 1) % this.#requests.length;
    if (request === undefined) throw new Error('there is nothing to ask');
    this.#begun = now;
    this.#socket.write(request);
  }

  #receive(bytes: Buffer): void {
    const answer = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    let whole: boolean;
    try {
      whole = isWhole(answer);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (!whole) {
      // The buffer is written to again.
      this.#rest = Buffer.from(answer);
      return;
    }
    this.#rest = undefined;
    const now = performance.now();
    this.times.push(now - this.#begun);
    if (now >= this.#until) this.#done();
    else this.#send(now);
  }
}
