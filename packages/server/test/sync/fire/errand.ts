import { type Hazard } from './hazards.ts';

/** What a lane is told to do. */
export interface Errand {
  readonly seed: number;
  /** Whether the same schedule is played against the naive design too. */
  readonly naive: boolean;
  readonly trace: boolean;
  /** Whether it is played by processes in real time, whichever seed it is. */
  readonly processes: boolean;
  /** Only so many steps of it. */
  readonly steps?: number;
}

/** What it answers, in a form that passes between processes. */
export interface Report {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly hazards: readonly (readonly [Hazard, number])[];
  readonly struck: readonly (readonly [string, number])[];
  readonly rounds: number;
  /** Whether the naive design ends in drift, where it was asked for. */
  readonly naive?: boolean;
}
