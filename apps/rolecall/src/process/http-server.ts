import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import type { DirectLane } from '@rolecall/server';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** A standard request handler. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** An address that is ours, answering 503 until there is a handler. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** From now on requests are answered by `handler`, those that `direct` answers at once aside. */
  serve(handler: Handler, direct?: DirectLane): void;
  /**
   * Takes no new connections, lets the requests in flight finish for at most `graceMs`, then ends what
   * is left. Resolves to the number of requests that were cut off.
   */
  close(graceMs: number): Promise<number>;
}

const DRAIN_POLL_MS = 50;
/** Longer than a load balancer keeps a connection that it believes to be usable. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Takes the address before anything else is started, so that a taken port leaves nothing behind.
 * Throws a `CliError` with the exit code `addressTaken`.
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<HttpServer> {
  let respond: ((request: IncomingMessage, response: ServerResponse) => unknown) | undefined;
  let closing = false;
  let inFlight = 0;
  const server = createServer((request, response) => {
    inFlight += 1;
    response.once('close', () => (inFlight -= 1));
    if (closing) response.setHeader('connection', 'close');
    if (respond === undefined) answerStarting(request, response);
    else respond(request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await bind(server, host, port);
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    port: actual,
    url: `http://${urlHost(host)}:${actual}`,
    serve(handler, direct) {
      // The global Request and Response stay Node's own: the handler may be shared with other servers.
      const listener = getRequestListener(handler, { overrideGlobalObjects: false });
      respond =
        direct === undefined
          ? listener
          : (incoming, outgoing) => {
              direct(incoming, outgoing, listener);
            };
    },
    async close(graceMs) {
      closing = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      const deadline = performance.now() + graceMs;
      while (inFlight > 0 && performance.now() < deadline) await sleep(DRAIN_POLL_MS);
      const cutOff = inFlight;
      server.closeAllConnections();
      await closed;
      return cutOff;
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(error, host, port));
    });
    server.listen({ host, port }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new CliError(
        exitCodes.addressTaken,
        'port_in_use',
        `port ${port} of ${host} is in use by another process`,
        { advice: 'choose another with PORT or --port; 0 takes any free one', cause: error },
      );
    case 'EACCES':
      return new CliError(
        exitCodes.addressTaken,
        'port_not_allowed',
        `this user may not listen on port ${port}`,
        { advice: 'choose a port above 1023 with PORT or --port', cause: error },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CliError(
        exitCodes.addressTaken,
        'host_not_available',
        `\`${host}\` is not an address of this machine`,
        { advice: 'set HOST to one that is, such as 127.0.0.1 or 0.0.0.0', cause: error },
      );
    case undefined:
    default:
      return error;
  }
}

/** Alive, and not ready: what is asked before the database is there is asked again a second later. */
function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/healthz') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}\n');
    return;
  }
  const problem = {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    code: 'database_unavailable',
    detail: 'rolecall is starting',
  };
  response
    .writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
    .end(`${JSON.stringify(problem)}\n`);
}

/** The host as a URL has it; one that means every address is reached by the loopback one. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}
