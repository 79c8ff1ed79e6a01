import { type Readiness } from '@rolecall/contract';
import { type AccessReport } from '../../access/index.ts';

/** What a process holds in memory, and how fresh it is. */
export function toWireReport({ mode, memory, freshness }: AccessReport): Omit<Readiness, 'status'> {
  return {
    memory: {
      mode,
      organizations: memory.organizations,
      roles: memory.roles,
      principals: memory.principals,
      bytes: memory.bytes,
      max_bytes: memory.maxBytes,
    },
    freshness: {
      confirmed: freshness.confirmed,
      staleness_ms: freshness.stalenessMs,
      bound_ms: freshness.boundMs,
      notifications: freshness.notifications,
      ...(freshness.notice !== undefined && { notice: freshness.notice }),
    },
  };
}
