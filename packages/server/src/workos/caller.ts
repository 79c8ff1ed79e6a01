import { type z } from 'zod';
import { callName, type WorkosCall } from './call.ts';
import { isWorkosFailure, type WorkosFailure, type WorkosFailureKind } from './failure.ts';
import { type CallOptions, type Gate } from './gate.ts';
import { type Lane } from './limits.ts';
import { type Transport } from './transport.ts';
import { readAnswer } from './wire.ts';

/** One call that has ended, for metrics. */
export interface CallReport {
  /** Method and route, without ids. */
  readonly call: string;
  readonly lane: Lane;
  readonly outcome: 'ok' | WorkosFailureKind;
  /** Until it might be sent. */
  readonly waitedMs: number;
  /** From sending to the answer; 0 when it was not sent. */
  readonly tookMs: number;
}

export interface CallerOptions {
  readonly transport: Transport;
  readonly gate: Gate;
  readonly monotonic: () => number;
  readonly onCall?: (report: CallReport) => void;
}

/** Sends a call through the gate and reads its answer in the given shape. Throws `WorkosFailure`. */
export type Caller = <T>(
  call: WorkosCall,
  shape: z.ZodType<T>,
  options?: CallOptions,
) => Promise<T>;

/** The way of every call: gate, transport, shape, and word to the gate how it ended. */
export function createCaller({ transport, gate, monotonic, onCall }: CallerOptions): Caller {
  return async (call, shape, options = {}) => {
    const askedAt = monotonic();
    let sentAt: number | undefined;
    const report = (outcome: CallReport['outcome']): void => {
      const now = monotonic();
      const lane = options.lane ?? 'ordinary';
      const waitedMs = (sentAt ?? now) - askedAt;
      const tookMs = sentAt === undefined ? 0 : now - sentAt;
      onCall?.({ call: callName(call), lane, outcome, waitedMs, tookMs });
    };
    try {
      const admission = await gate.admit(call, options);
      sentAt = monotonic();
      const settle = (failure?: WorkosFailure): Promise<void> => gate.settle(admission, failure);
      const value = await sendAndRead(transport, call, shape, settle);
      report('ok');
      return value;
    } catch (error) {
      if (isWorkosFailure(error)) report(error.kind);
      throw error;
    }
  };
}

async function sendAndRead<T>(
  transport: Transport,
  call: WorkosCall,
  shape: z.ZodType<T>,
  settle: (failure?: WorkosFailure) => Promise<void>,
): Promise<T> {
  let value: T;
  try {
    value = readAnswer(call, shape, await transport.send(call));
  } catch (error) {
    await settle(isWorkosFailure(error) ? error : undefined);
    throw error;
  }
  await settle();
  return value;
}
