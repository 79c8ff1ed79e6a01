import { z } from 'zod';
import { count } from '../output/index.ts';
import { type Finding, ok, warn } from './finding.ts';

const NAME = 'memory';
const PATIENCE_MS = 3_000;
const MIB = 1024 * 1024;

const readiness = z.object({
  memory: z.object({
    organizations: z.number(),
    principals: z.number(),
    bytes: z.number(),
    max_bytes: z.number(),
  }),
  freshness: z.object({
    confirmed: z.boolean(),
    staleness_ms: z.number().nullable(),
    bound_ms: z.number(),
    notifications: z.enum(['listening', 'polling']),
    notice: z.string().optional(),
  }),
});

/** Asks the process at `url` what it holds in memory and how fresh that is. */
export async function checkMemory(url: string): Promise<Finding> {
  const report = await askReadiness(url);
  if (report === undefined) {
    return warn(NAME, `the Rolecall at ${url} is not ready`, `look at its log and ${url}/readyz`);
  }
  const { freshness, memory } = report;
  const held =
    `${count(memory.principals, 'principal')} of ${count(memory.organizations, 'organization')} ` +
    `in ${(memory.bytes / MIB).toFixed(1)} of ${(memory.max_bytes / MIB).toFixed(0)} MiB`;
  const age =
    freshness.staleness_ms === null
      ? 'never confirmed'
      : `confirmed ${Math.round(freshness.staleness_ms)} ms ago`;
  const message = `${held}, ${age} (bound ${freshness.bound_ms} ms)`;
  if (!freshness.confirmed) {
    return warn(
      NAME,
      message,
      'every question reads the database until a poll for changes gets through',
    );
  }
  if (freshness.notifications === 'polling') {
    return warn(NAME, `${message}: ${freshness.notice ?? 'changes are found by polling'}`, POLLING);
  }
  return ok(NAME, message);
}

const POLLING =
  'a revocation is enforced within the bound, not within milliseconds; connect directly to have both';

async function askReadiness(url: string): Promise<z.output<typeof readiness> | undefined> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return readiness.safeParse(await response.json()).data;
  } catch {
    return undefined;
  }
}
