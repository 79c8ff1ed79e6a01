import { createHash, randomUUID } from 'node:crypto';
import { type Db } from '../database/index.ts';
import { createAdapter } from './adapter.ts';
import { type CallReport, createCaller } from './caller.ts';
import { Circuit } from './circuit.ts';
import { type CircuitTimings, defaultCircuitTimings } from './circuit-timings.ts';
import { type CircuitState, type GateReading, readGate } from './circuit-store.ts';
import { type MultipleRolesEvidence, noteMultipleRoles } from './environment.ts';
import { createSharedGate, DEFAULT_WAIT_MS } from './gate.ts';
import { bucketsFor, documentedLimits, type WorkosLimits } from './limits.ts';
import { type WorkosPort } from './port.ts';
import { createTransport } from './transport.ts';
import { rawPageShape, readAnswer } from './wire.ts';

export interface WorkosOptions {
  /** Where the budget and the circuit are shared. */
  readonly db: Db;
  readonly apiKey: string;
  /** Scheme, host and port; WorkOS itself unless told otherwise. */
  readonly apiUrl?: string;
  /** The longest wait for an answer; 10 s unless told otherwise. Must be well below any lease. */
  readonly timeoutMs?: number;
  /** What WorkOS allows; as documented unless told otherwise. */
  readonly limits?: WorkosLimits;
  /**
   * The part of that which Rolecall takes; 0.8 unless told otherwise. The host's own calls count against
   * the same limits: every sign-in reads a user.
   */
  readonly share?: number;
  readonly circuit?: Partial<CircuitTimings>;
  readonly onCall?: (report: CallReport) => void;
}

/** WorkOS, reached through everything that keeps us within its limits. */
export interface Workos {
  readonly port: WorkosPort;
  /** As this process knows it. */
  readonly circuitState: () => CircuitState;
  /** Calls `listener` with every new state of the circuit; `closed` wakes whatever waits. Returns its end. */
  readonly onCircuitChange: (listener: (state: CircuitState) => void) => () => void;
  /** Looks at the shared state of the circuit now; for who hears that it may have changed. */
  readonly refreshCircuit: () => Promise<void>;
  /** Budget left and state of the circuit, from the database; for status and metrics. */
  readonly readGate: () => Promise<GateReading>;
  /** Gives up what is in flight and ends all timers. */
  readonly close: () => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SHARE = 0.8;

/** Puts transport, circuit, budget and adapter together. Nothing is sent before the first call. */
export function openWorkos(options: WorkosOptions): Workos {
  const { db, apiKey, apiUrl, onCall, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const buckets = bucketsFor(options.limits ?? documentedLimits, options.share ?? DEFAULT_SHARE);
  const monotonic = (): number => performance.now();
  const random = Math.random;
  const transport = createTransport({ apiKey, timeoutMs, ...(apiUrl !== undefined && { apiUrl }) });
  const circuit = new Circuit({
    db,
    buckets,
    monotonic,
    random,
    newId: randomUUID,
    keyFingerprint: createHash('sha256').update(apiKey).digest('hex').slice(0, 16),
    timings: { ...defaultCircuitTimings, probeLeaseMs: timeoutMs + 5_000, ...options.circuit },
    probe: async () => readAnswer(PROBE, rawPageShape, await transport.send(PROBE)),
  });
  const gate = createSharedGate({ db, buckets, circuit, monotonic, random });
  const caller = createCaller({ transport, gate, monotonic, ...(onCall && { onCall }) });
  const longestCallMs = DEFAULT_WAIT_MS + timeoutMs;
  return {
    port: createAdapter({ caller, longestCallMs, onMultipleRoles: rememberEvidence(db) }),
    circuitState: () => circuit.state,
    onCircuitChange: (listener) => circuit.onChange(listener),
    refreshCircuit: () => circuit.refresh(),
    readGate: () => readGate(db, buckets),
    close: async () => {
      transport.close();
      await gate.close();
    },
  };
}

/** The harmless read that a probe is: it needs the permission that everything else needs too. */
const PROBE = { method: 'GET', route: '/authorization/roles' } as const;

/** Keeps what a process finds out about several roles, without writing the same again and again. */
function rememberEvidence(db: Db): (evidence: MultipleRolesEvidence) => Promise<void> {
  let known: MultipleRolesEvidence | undefined;
  return async (evidence) => {
    if (evidence !== 'refused' && (known === evidence || known === 'written')) return;
    await noteMultipleRoles(db, evidence);
    known = evidence;
  };
}
