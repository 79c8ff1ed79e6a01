import { EngineAway } from '@rolecall/server/runner';
import { NativeConnection } from '@temporalio/worker';
import { prepareRuntime } from './runtime.ts';

/** Where Temporal is, and how to get in. */
export interface TemporalConnection {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  /** An encrypted connection; `true` for one without any particulars. Implied by `apiKey`. */
  readonly tls?: boolean | TlsParticulars;
}

/** PEM texts, and the name that the server's certificate is made out to. */
export interface TlsParticulars {
  readonly serverName?: string;
  readonly serverCa?: string;
  readonly client?: { readonly certificate: string; readonly key: string };
}

/** A call that is not answered within this time is not answered. */
export const CALL_MS = 10_000;

/** Connects. Throws `EngineAway` when nothing answers, or no Temporal, or not within ten seconds. */
export async function connect(options: TemporalConnection): Promise<NativeConnection> {
  const { address, apiKey, tls = apiKey !== undefined } = options;
  prepareRuntime();
  const attempt = NativeConnection.connect({
    address,
    ...(apiKey !== undefined && { apiKey }),
    tls: typeof tls === 'boolean' ? tls : inTheirWords(tls),
  });
  // One that answers when nobody waits any more is not left open.
  const late = new AbortController();
  void attempt.then(
    (connection) => (late.signal.aborted ? connection.close() : undefined),
    () => undefined,
  );
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late.abort();
      reject(new EngineAway(CODE, `Temporal at \`${address}\` does not answer`));
    }, CALL_MS);
  });
  try {
    return await Promise.race([attempt, timeout]);
  } catch (error) {
    throw asAway(error, address);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether Temporal answers at an address, and has the namespace. Throws `EngineAway` with the reason. */
export async function reachTemporal(options: TemporalConnection): Promise<TemporalServer> {
  const { address, namespace } = options;
  const connection = await connect(options);
  try {
    return await connection.withDeadline(Date.now() + CALL_MS, async () => {
      const { serverVersion } = await connection.workflowService.getSystemInfo({});
      await connection.workflowService.describeNamespace({ namespace });
      return { version: serverVersion };
    });
  } catch (error) {
    throw asAway(error, address);
  } finally {
    await connection.close();
  }
}

/** What answers. */
export interface TemporalServer {
  readonly version: string;
}

const CODE = 'temporal_unavailable';

/** Anything that goes wrong with Temporal, as one kind of failure; the words of its cause are kept for the log. */
export function asAway(error: unknown, address: string): EngineAway {
  if (error instanceof EngineAway) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new EngineAway(CODE, `Temporal at \`${address}\` cannot be used: ${why}`, error);
}

function inTheirWords({ serverName, serverCa, client }: TlsParticulars) {
  return {
    ...(serverName !== undefined && { serverNameOverride: serverName }),
    ...(serverCa !== undefined && { serverRootCACertificate: Buffer.from(serverCa) }),
    ...(client !== undefined && {
      clientCertPair: { crt: Buffer.from(client.certificate), key: Buffer.from(client.key) },
    }),
  };
}
