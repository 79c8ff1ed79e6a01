import { join } from 'node:path';

/** What the workers of a lane run on. */
export interface Engine {
  /** The program of a worker. */
  readonly program: string;
  /** What it is told beside the addresses that every worker is told. */
  readonly argumentsOf: (seed: number) => readonly string[];
  /** Ends what stands behind the workers, where something does, and starts it again. */
  readonly strike: (() => Promise<void>) | undefined;
  /** What it knows of a seed that did not come to rest, for whoever wants to understand it. */
  readonly explain: (seed: number) => Promise<string>;
  /** How many rounds of half a second it may take until all is quiet. */
  readonly mostRounds: number;
  readonly close: () => Promise<void>;
}

/** Which engines there are. */
export type EngineName = 'postgres' | 'temporal';

const postgres: Engine = {
  program: join(import.meta.dirname, 'worker-main.ts'),
  argumentsOf: () => [],
  strike: undefined,
  explain: () => Promise.resolve(''),
  mostRounds: 60,
  close: () => Promise.resolve(),
};

/** Makes an engine ready. Temporal's is loaded only when it is asked for. */
export async function openEngine(name: EngineName): Promise<Engine> {
  if (name === 'postgres') return postgres;
  const { openTemporalEngine } =
    await import('../../../../../temporal-runner/test/fire/temporal-engine.ts');
  return openTemporalEngine();
}
