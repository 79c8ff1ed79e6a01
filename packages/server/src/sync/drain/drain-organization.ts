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
import { emptyListing, listManyAtOnce } from './listing.ts';
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
  const listing = emptyListing();
  const written = new Set<string>();
  let renewedAt = performance.now();
  for (;;) {
    const linked = await findLinked(db, organizationId);
    if (linked === undefined) return 'drained';
    const context = await openContext(options, { lease, workosId: linked.workosId, written });
    if (linked.snapshotDone < linked.snapshotWanted) {
      await takeSnapshot(context, listing, linked.snapshotWanted);
    }
    const due = await listWork(db, organizationId, BATCH);
    if (due.length === 0) return 'drained';
    if (due.some(({ what }) => what === 'mark')) await listManyAtOnce(context, listing);
    for (const item of due) {
      if (signal?.aborted === true) return 'stopped';
      if (performance.now() - renewedAt > leaseMs / 4) {
        await renewLease(db, lease, leaseMs);
        renewedAt = performance.now();
      }
      if (item.what === 'mark') await lookAtMark(context, listing, item.mark);
      else await convergeEntity(context, item.entityId);
    }
  }
}

/**
 * Does something to one organization under its lease. Nothing when somebody else works on it, or when it is not
 * linked. Throws what the work throws.
 */
export async function underLease<T>(
  options: DrainOptions,
  organizationId: string,
  work: (context: ConvergeContext) => Promise<T>,
): Promise<T | undefined> {
  const { db, leaseMs = LEASE_MS } = options;
  const lease = await takeLease(db, organizationId, leaseMs);
  if (lease === undefined) return undefined;
  try {
    const linked = await findLinked(db, organizationId);
    if (linked === undefined) return undefined;
    const held = { lease, workosId: linked.workosId, written: new Set<string>() };
    return await work(await openContext(options, held));
  } finally {
    await releaseLease(db, lease);
  }
}

async function openContext(
  { db, port, random = Math.random, reached = nothing }: DrainOptions,
  held: Pick<ConvergeContext, 'lease' | 'workosId' | 'written'>,
): Promise<ConvergeContext> {
  return {
    db,
    port,
    ...held,
    seen: noSightings(),
    cause: null,
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
