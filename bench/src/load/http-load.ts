import { Asker } from './asker.ts';
import { type PreparedRequest, requestBytes } from './request-bytes.ts';

export interface LoadPlan {
  readonly port: number;
  /** What is asked, over and over, by all connections in turn. */
  readonly requests: readonly PreparedRequest[];
  readonly connections: number;
  readonly seconds: number;
}

/** What a load found. Times are in milliseconds. */
export interface LoadFound {
  readonly answered: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Puts load on an HTTP server of this machine: each connection asks again as soon as it is answered. It costs
 * a fraction of what a general client does, so that on few cores it is the server that is measured. Throws when
 * an answer is not 2xx or a connection ends.
 */
export async function loadHttp({
  port,
  requests,
  connections,
  seconds,
}: LoadPlan): Promise<LoadFound> {
  const asked = requests.map((request) => requestBytes(request, `127.0.0.1:${String(port)}`));
  const askers = await Promise.all(
    Array.from({ length: connections }, (_, nth) =>
      Asker.connect(port, asked, Math.floor((asked.length * nth) / connections)),
    ),
  );
  const started = performance.now();
  try {
    await Promise.all(askers.map((asker) => asker.ask(started + seconds * 1000)));
  } finally {
    for (const asker of askers) asker.close();
  }
  const took = (performance.now() - started) / 1000;
  const times = Float64Array.from(askers.flatMap((asker) => asker.times)).sort();
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? Number.NaN;
  return {
    answered: times.length,
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
  };
}
