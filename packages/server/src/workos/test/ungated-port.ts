import { createAdapter } from '../adapter.ts';
import { type CallReport, createCaller } from '../caller.ts';
import { openGate } from '../gate.ts';
import { type WorkosPort } from '../port.ts';
import { createTransport } from '../transport.ts';

/** The port without budget and circuit, hence without a database. */
export interface UngatedPort {
  readonly port: WorkosPort;
  readonly reports: readonly CallReport[];
  readonly close: () => void;
}

/** Opens the port to whatever speaks the WorkOS API at `apiUrl`. */
export function openUngatedPort(options: {
  readonly apiKey: string;
  readonly apiUrl: string;
  readonly timeoutMs?: number;
}): UngatedPort {
  const transport = createTransport({ timeoutMs: 10_000, ...options });
  const reports: CallReport[] = [];
  const caller = createCaller({
    transport,
    gate: openGate,
    monotonic: () => performance.now(),
    onCall: (report) => reports.push(report),
  });
  const port = createAdapter({ caller, longestCallMs: options.timeoutMs ?? 10_000 });
  return { port, reports, close: transport.close };
}
