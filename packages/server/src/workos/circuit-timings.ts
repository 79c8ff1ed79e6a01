/** How fast the circuit opens and closes. */
export interface CircuitTimings {
  /** Outages in a row, of one process, that open the circuit. */
  readonly failuresToOpen: number;
  /** Until the first probe after an outage; doubled by each that fails. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Until the next probe after one that was refused; doubled by each further one. */
  readonly refusedRetryMs: number;
  /** How long a probe may take before somebody else may send one. */
  readonly probeLeaseMs: number;
  /** How often a process that watches looks at the row. */
  readonly watchMs: number;
}

/** What suits WorkOS. */
export const defaultCircuitTimings: CircuitTimings = {
  failuresToOpen: 5,
  firstRetryMs: 1_000,
  maxRetryMs: 60_000,
  refusedRetryMs: 15_000,
  probeLeaseMs: 15_000,
  watchMs: 1_000,
};
