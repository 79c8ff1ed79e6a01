import { RolecallError } from '../../errors/index.ts';
import { isWorkosFailure } from '../../workos/index.ts';
import { LeaseLost } from '../entity/index.ts';
import { EngineAway, type RunnerReport, WrongEnvironment } from '../runner/index.ts';

/** Something that keeps the engine from going on, and when it was last met. */
export interface Trouble {
  readonly doing: RunnerReport['doing'];
  /** The code of the failure; `wrong_environment`, or `unexpected` for what nobody foresaw. */
  readonly code: string;
  readonly agoMs: number;
}

/** Everything that cannot go on is tried again within a minute: what is older than this has passed. */
const FORGOTTEN_AFTER_MS = 90_000;

/** What went wrong lately, one entry for each thing that was being done. */
export class Troubles {
  readonly #monotonic: () => number;
  readonly #last = new Map<RunnerReport['doing'], { readonly code: string; readonly at: number }>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  note({ doing, error }: RunnerReport): void {
    const code = codeOf(error);
    if (code !== undefined) this.#last.set(doing, { code, at: this.#monotonic() });
  }

  /** The newest first. */
  list(): readonly Trouble[] {
    const now = this.#monotonic();
    return [...this.#last]
      .map(([doing, { code, at }]) => ({ doing, code, agoMs: now - at }))
      .filter(({ agoMs }) => agoMs < FORGOTTEN_AFTER_MS)
      .toSorted((one, other) => one.agoMs - other.agoMs);
  }
}

/** Nothing for what is no trouble: another worker took over. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof LeaseLost) return undefined;
  if (error instanceof WrongEnvironment) return 'wrong_environment';
  if (error instanceof EngineAway) return error.code;
  if (isWorkosFailure(error) || error instanceof RolecallError) return error.code;
  return 'unexpected';
}
