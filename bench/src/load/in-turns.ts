import { median } from '../nanos.ts';
import { loadHttp, type LoadFound } from './http-load.ts';
import { type PreparedRequest } from './request-bytes.ts';

/** A server that is asked, in one process or several. */
export interface Loaded {
  readonly port: number;
  /** What its processes have taken of the processors so far, in microseconds. */
  readonly processorTime: () => number;
}

export interface Round extends LoadFound {
  /** Of all its processes, for each call. */
  readonly processorMicros: number;
}

export interface Turns {
  readonly requests: readonly PreparedRequest[];
  readonly connections: number;
  readonly rounds: number;
  /** How long a round is, and the warm-up before the first. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Loads servers in turns after a warm-up, in the other order in every other round; the medians of each. */
export async function loadInTurns(
  servers: readonly Loaded[],
  turns: Turns,
): Promise<readonly Round[]> {
  const measured = servers.map((): Round[] => []);
  for (const server of servers) await load(server, turns, turns.warmUpSeconds);
  for (let round = 0; round < turns.rounds; round += 1) {
    const order = [...servers.entries()];
    for (const [index, server] of round % 2 === 0 ? order : order.reverse()) {
      measured[index]?.push(await load(server, turns, turns.seconds));
    }
  }
  return measured.map(middle);
}

function middle(measured: readonly Round[]): Round {
  const of = (figure: keyof Round): number => median(measured.map((round) => round[figure]));
  return {
    answered: of('answered'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    processorMicros: of('processorMicros'),
  };
}

async function load(
  { port, processorTime }: Loaded,
  { requests, connections }: Turns,
  seconds: number,
): Promise<Round> {
  const before = processorTime();
  const found = await loadHttp({ port, requests, connections, seconds });
  return { ...found, processorMicros: (processorTime() - before) / found.answered };
}
