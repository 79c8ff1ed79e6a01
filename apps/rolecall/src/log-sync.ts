import type { RunnerReport, Sync } from '@rolecall/server';
import type { Logger } from 'pino';

/** The same trouble of the same thing is said again after this long, and not every time that it is met. */
const QUIET_MS = 60_000;

/** Logs what keeps WorkOS from being kept equal, and that it is over. */
export function logSync(
  sync: Pick<Sync, 'listen'>,
  log: Logger,
  now: () => number = () => performance.now(),
): void {
  const said = new Map<string, number>();
  sync.listen({
    failed: (report) => {
      const fields = fieldsOf(report);
      const key = JSON.stringify(fields);
      if ((said.get(key) ?? Number.NEGATIVE_INFINITY) > now() - QUIET_MS) return;
      said.set(key, now());
      log.warn(fields, 'keeping WorkOS equal was interrupted; it is tried again by itself');
    },
    circuit: (state) => {
      said.clear();
      if (state === 'closed') log.info({ state }, 'WorkOS answers again');
      else log.warn({ state }, state === 'open' ? 'WorkOS is away' : 'WorkOS refuses the key');
    },
  });
}

/** Codes and ids: the words of a failure may be a vendor's. */
function fieldsOf({ doing, organizationId, error }: RunnerReport): Record<string, unknown> {
  const name = error instanceof Error ? error.name : typeof error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : name;
  const foreseen = [
    'WorkosFailure',
    'WrongEnvironment',
    'LeaseLost',
    'RolecallError',
    'EngineAway',
  ];
  return {
    doing,
    code,
    ...(organizationId !== undefined && { organization_id: organizationId }),
    // What nobody foresaw is a fault of ours: whoever mends it needs to see where.
    ...(error instanceof Error && !foreseen.includes(name) && { stack: error.stack }),
  };
}
