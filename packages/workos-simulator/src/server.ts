import type { ServerResponse } from 'node:http';
import { type HttpBindings, serve, type ServerType } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Answer } from './faults/index.ts';
import type { SimulatorOptions } from './options.ts';
import { createUnpluggedSimulator, type SimulatorCore } from './simulator.ts';

/** Where to listen. */
export interface ListenOptions {
  /** Any free port by default. */
  readonly port?: number | undefined;
  /** Loopback by default. */
  readonly hostname?: string | undefined;
}

/** A simulator that listens. */
export interface Simulator extends SimulatorCore {
  /** Without a slash at the end. */
  readonly url: string;
  /** Breaks all connections, stops all timers, and writes the state to its file, if it has one. */
  readonly close: () => Promise<void>;
}

/** Starts a simulator on a socket. @throws when the port is taken or the saved state cannot be read */
export async function startSimulator(
  options: SimulatorOptions & ListenOptions = {},
): Promise<Simulator> {
  const { handle, close, ...core } = createUnpluggedSimulator(options);
  const hostname = options.hostname ?? '127.0.0.1';
  const { server, port } = await listen(options.port ?? 0, hostname, async (request, env) => {
    const { outgoing } = env as HttpBindings;
    const answer = await handle(request, { gone: () => whenClosed(outgoing) }).catch(defect);
    return end(answer, outgoing);
  });
  return {
    ...core,
    url: `http://${hostname}:${port}`,
    close: async () => {
      close();
      await shut(server);
    },
  };
}

function listen(
  port: number,
  hostname: string,
  fetch: Parameters<typeof serve>[0]['fetch'],
): Promise<{ readonly server: ServerType; readonly port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname, overrideGlobalObjects: false }, (info) => {
      server.off('error', reject);
      resolve({ server, port: info.port });
    });
    server.once('error', reject);
  });
}

function shut(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}

/** An error of the simulator itself: it says so, lest anybody takes it for a simulated one. */
function defect(error: unknown): Answer {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = `BUG in the simulator: ${detail}`;
  return { end: 'answered', response: Response.json({ message }, { status: 500 }) };
}

async function end(answer: Answer, outgoing: ServerResponse): Promise<Response> {
  if (answer.end === 'answered') return answer.response;
  if (answer.end === 'midway') await sendHalf(answer.response, outgoing);
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}

/** Sends the head, which promises the whole body, and the first half of it. */
async function sendHalf(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length === 0) return;
  outgoing.writeHead(response.status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
  });
  await new Promise<void>((resolve) => {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      resolve();
    });
  });
}

function whenClosed(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (outgoing.closed) resolve();
    else outgoing.once('close', resolve);
  });
}
