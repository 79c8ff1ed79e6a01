import { type Db } from '../../database/index.ts';
import { readMultipleRoles, type WorkosPort } from '../../workos/index.ts';
import {
  type ConvergeContext,
  convergeEntity,
  noSightings,
  type SyncStep,
} from '../converge/index.ts';
import {
  findLinked,
  type Lease,
  listWork,
  readSettings,
  releaseLease,
  renewLease,
  takeLease,
} from '../entity/index.ts';
import { lookAtMark } from './look-at-mark.ts';
import { takeSnapshot } from './snapshot.ts';

export interface DrainOptions {
  readonly db: Db;
  readonly port: WorkosPort;
  /** How long a lease lasts without being renewed; must be well above the longest call. */
  readonly leaseMs?: number;
  readonly random?: () => number;
  readonly reached?: (step: SyncStep) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/** `busy`: somebody else works on it. */
export type DrainResult = 'drained' | 'busy' | 'stopped' | 'not_linked';

const LEASE_MS = 60_000;
const BATCH = 20;

/**
 * Does what is due in one organization until nothing is, under its lease, one thing after the other. Throws
 * `LeaseLost`, and what stops everything: WorkOS or the database being away.
 */
export async function drainOrganization(
  options: DrainOptions,
  organizationId: string,
): Promise<DrainResult> {
  const { db, leaseMs = LEASE_MS } = options;
  const lease = await takeLease(db, organizationId, leaseMs);
  if (lease === undefined) {
    return (await findLinked(db, organizationId)) === undefined ? 'not_linked' : 'busy';
  }
  try {
    return await work(options, lease);
  } finally {
    await releaseLease(db, lease);
  }
}

async function work(options: DrainOptions, lease: Lease): Promise<DrainResult> {
  const { db, leaseMs = LEASE_MS, signal } = options;
  const { organizationId } = lease;
  const seen = noSightings();
  let renewedAt = performance.now();
  for (;;) {
    const linked = await findLinked(db, organizationId);
    if (linked === undefined) return 'drained';
    const context = await openContext(options, { lease, workosId: linked.workosId, seen });
    if (linked.snapshotDone < linked.snapshotWanted) {
      await takeSnapshot(context, linked.snapshotWanted);
    }
    const due = await listWork(db, organizationId, BATCH);
    if (due.length === 0) return 'drained';
    for (const item of due) {
      if (signal?.aborted === true) return 'stopped';
      if (performance.now() - renewedAt > leaseMs / 4) {
        await renewLease(db, lease, leaseMs);
        renewedAt = performance.now();
      }
      if (item.what === 'mark') await lookAtMark(context, item.mark);
      else await convergeEntity(context, item.entityId);
    }
  }
}

async function openContext(
  { db, port, random = Math.random, reached = nothing }: DrainOptions,
  held: Pick<ConvergeContext, 'lease' | 'workosId' | 'seen'>,
): Promise<ConvergeContext> {
  return {
    db,
    port,
    ...held,
    organizationId: held.lease.organizationId,
    settings: await readSettings(db),
    multipleRoles: (await readMultipleRoles(db)) !== 'disabled',
    random,
    reached,
  };
}

function nothing(): void {
  // Only tests want to know.
}
