import { createAdapter } from './adapter.ts';
import { createCaller } from './caller.ts';
import { type MultipleRolesEvidence } from './environment.ts';
import { openGate } from './gate.ts';
import { type WorkosPort } from './port.ts';
import { createTransport } from './transport.ts';

export interface UngatedPortOptions {
  readonly apiKey: string;
  readonly apiUrl: string;
  /** What carries requests instead of the network. */
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  /** What the port says of itself; attempts are remembered for as long. */
  readonly longestCallMs: number;
  readonly onMultipleRoles: (evidence: MultipleRolesEvidence) => Promise<void>;
}

/** The port without budget and circuit: for simulations, in which neither time nor network is real. */
export function openUngatedPort(options: UngatedPortOptions): WorkosPort {
  const { longestCallMs, onMultipleRoles, ...transportOptions } = options;
  const monotonic = (): number => performance.now();
  const transport = createTransport(transportOptions);
  const caller = createCaller({ transport, gate: openGate, monotonic });
  return createAdapter({ caller, longestCallMs, onMultipleRoles });
}
