import { connect, createServer, type Socket } from 'node:net';

/** Where a connection breaks: before the next message reaches the database, or before its answer comes back. */
export interface Cut {
  readonly after: number;
  readonly lost: 'message' | 'answer';
}

/** Stands between a worker and PostgreSQL and breaks connections at chosen messages. */
export interface Cutter {
  readonly url: string;
  /** Breaks the connection on which the so-manyeth message from now on is sent, and all others with it. */
  readonly arm: (cut: Cut) => void;
  /** Whether a cut is still to come. */
  readonly armed: () => boolean;
  readonly disarm: () => void;
  readonly close: () => Promise<void>;
}

/** Starts a cutter in front of the server of a database. */
export async function startCutter(databaseUrl: string): Promise<Cutter> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let left: number | undefined;
  let lost: Cut['lost'] = 'message';

  const cutAll = (): void => {
    left = undefined;
    for (const socket of sockets) socket.destroy();
  };
  const listener = createServer((client) => {
    const server = connect({ host: target.hostname, port: Number(target.port) });
    let severed = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      const end = (): void => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      };
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => {
      if (left !== undefined) left -= 1;
      if (left === 0 && lost === 'message') {
        cutAll();
        return;
      }
      if (left === 0) {
        left = undefined;
        severed = true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      // What was sent has taken effect by now; nobody will know.
      if (severed) cutAll();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as { readonly port: number }).port);
  return {
    url: url.href,
    arm: (cut) => {
      left = cut.after;
      lost = cut.lost;
    },
    armed: () => left !== undefined,
    disarm: () => {
      left = undefined;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        listener.close(() => {
          resolve();
        });
      });
    },
  };
}
