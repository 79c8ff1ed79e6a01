import { type Db } from '../database/index.ts';
import { hasCode } from '../errors/index.ts';
import { CallBudget } from './budget.ts';
import { pauseCalls, reserveCalls } from './budget-store.ts';
import { callClass, callName, type WorkosCall } from './call.ts';
import { type Circuit } from './circuit.ts';
import { type WorkosFailure, workosFailure } from './failure.ts';
import { type Buckets, type Lane } from './limits.ts';

/** What a caller may say about one call. */
export interface CallOptions {
  /** `revocation` for what takes rights away; it goes first and may use the reserve. */
  readonly lane?: Lane;
  /** The longest wait for the budget; 5 s unless told otherwise. */
  readonly waitMs?: number;
}

/** The longest wait for the budget when nobody says another. */
export const DEFAULT_WAIT_MS = 5_000;

/** The right to send one call, with the term in which it was given. */
export interface Admission {
  readonly term: number;
}

/** What every call passes before it is sent, and what is told how it ended. */
export interface Gate {
  /** Resolves when the call may be sent. Throws a `WorkosFailure` that is never ambiguous. */
  readonly admit: (call: WorkosCall, options: CallOptions) => Promise<Admission>;
  /** Must be called once for each admission. */
  readonly settle: (admission: Admission, failure: WorkosFailure | undefined) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A gate that lets everything pass; for where there is no database to share a budget in. */
export const openGate: Gate = {
  admit: () => Promise.resolve({ term: 0 }),
  settle: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export interface SharedGateOptions {
  readonly db: Db;
  readonly buckets: Buckets;
  readonly circuit: Circuit;
  readonly monotonic: () => number;
  readonly random: () => number;
}

/** The gate that all processes of one database share: budget, pause and circuit. */
export function createSharedGate(options: SharedGateOptions): Gate {
  const { db, buckets, circuit, monotonic, random } = options;
  const budget = new CallBudget({
    monotonic,
    random,
    reserve: async (callClass, lane, wanted) => {
      const reservation = await reserveCalls(db, buckets, { callClass, lane, wanted });
      const { state } = reservation;
      if (state === 'open' || state === 'refused') circuit.notice(state);
      return reservation;
    },
  });
  const stopListening = circuit.onChange((state) => {
    if (state !== 'closed') budget.drop();
  });
  return {
    admit: async (call, { lane = 'ordinary', waitMs = DEFAULT_WAIT_MS }) => {
      refuseWhileStopped(call, circuit);
      const request = { call: callName(call), callClass: callClass(call), lane, waitMs };
      return { term: await budget.take(request) };
    },
    settle: async ({ term }, failure) => {
      try {
        if (failure?.kind === 'throttled') {
          budget.drop();
          await pauseCalls(db, failure.retryAfterMs ?? 0);
        }
        await circuit.observe(term, failure);
      } catch (error) {
        // Whether the call worked does not depend on the database; the next admission will say that it is away.
        if (!hasCode(error, 'database_unavailable') && !hasCode(error, 'shutting_down'))
          throw error;
      }
    },
    close: async () => {
      stopListening();
      budget.close();
      await circuit.close();
    },
  };
}

/** Spares the database the question while the answer is known. */
function refuseWhileStopped(call: WorkosCall, circuit: Circuit): void {
  const facts = { call: callName(call) };
  if (circuit.state === 'open') throw workosFailure('unavailable', 'circuit_open', facts);
  if (circuit.state === 'refused') throw workosFailure('unauthorized', 'key_stopped', facts);
}
