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
  type LinkedOrganization,
  listWork,
  readSettings,
  releaseLease,
  renewLease,
  takeLease,
  type Work,
} from '../entity/index.ts';
import { Listing } from './listing.ts';
import { lookAtMark } from './look-at-mark.ts';
import { stepPass } from './pass.ts';
import { type RestoreGuard } from './restored.ts';
import { findSnapshotRun } from './snapshot-store.ts';
import { stepSnapshot } from './snapshot.ts';

export interface DrainOptions {
  readonly db: Db;
  readonly port: WorkosPort;
  /** How long a lease lasts without being renewed; must be well above the longest call. */
  readonly leaseMs?: number;
  /** Who works, a UUID; see `takeLease`. Somebody new unless told otherwise. */
  readonly holder?: string;
  /** Notices a restored database before anything is sent; without it nobody looks. */
  readonly restore?: RestoreGuard;
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
  const { db, leaseMs = LEASE_MS, holder } = options;
  const lease = await takeLease(db, organizationId, leaseMs, holder);
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
  const { db, leaseMs = LEASE_MS, signal, restore } = options;
  const { organizationId } = lease;
  const listing = new Listing();
  const written = new Set<string>();
  let renewedAt = performance.now();
  const stillMine = async (): Promise<void> => {
    if (performance.now() - renewedAt <= leaseMs / 4) return;
    await renewLease(db, lease, leaseMs);
    renewedAt = performance.now();
  };
  for (;;) {
    const linked = await findLinked(db, organizationId);
    if (linked === undefined) return 'drained';
    if (isAborted(signal)) return 'stopped';
    await stillMine();
    const both = { organizationId, workosId: linked.workosId };
    await restore?.compare(both);
    const context = await openContext(options, { lease, workosId: linked.workosId, written });
    const step = await takeStep(context, listing, { linked, signal, stillMine });
    if (step === 'stopped') return step;
    if (step === 'nothing') {
      await restore?.leaveMark(both);
      return 'drained';
    }
  }
}

interface Holding {
  readonly linked: LinkedOrganization;
  readonly signal: AbortSignal | undefined;
  /** Keeps the lease. */
  readonly stillMine: () => Promise<void>;
}

/** Does some of what is due, or the next step of what goes on beside it. */
async function takeStep(
  context: ConvergeContext,
  listing: Listing,
  { linked, signal, stillMine }: Holding,
): Promise<'done' | 'stopped' | 'nothing'> {
  const { db, organizationId } = context;
  // Before the first comparison has linked what is here, nothing can be told about it.
  if (await mustLinkFirst(context, linked)) {
    await stepSnapshot(context, listing, linked);
    return 'done';
  }
  const passing = listing.pass !== undefined;
  const due = await listWork(db, organizationId, { count: BATCH, memberships: !passing });
  // What ranks before a marked membership is done before it.
  if (isMarkedMembership(due[0]) && (await stepPass(context, listing))) return 'done';
  if (!passing && !due.some(isMarkedMembership)) listing.passed = false;
  for (const item of due) {
    if (isAborted(signal)) return 'stopped';
    await stillMine();
    await doItem(context, listing, item);
  }
  if (passing) await stepPass(context, listing);
  if (passing || due.length > 0) return 'done';
  return (await stepSnapshot(context, listing, linked)) === undefined ? 'nothing' : 'done';
}

function isMarkedMembership(item: Work | undefined): boolean {
  return item?.what === 'mark' && item.mark.kind === 'membership';
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

async function mustLinkFirst(
  { db, organizationId }: ConvergeContext,
  { snapshotDone }: LinkedOrganization,
): Promise<boolean> {
  if (snapshotDone > 0) return false;
  const run = await findSnapshotRun(db, organizationId);
  return run === undefined || run.stage === 'linking' || run.stage === 'roles';
}

function doItem(context: ConvergeContext, listing: Listing, item: Work): Promise<void> {
  if (item.what === 'entity') return convergeEntity(context, item.entityId);
  const { mark } = item;
  const seen = noSightings();
  const role =
    mark.kind === 'organization_role' ? listing.takeRole(mark.key, mark.raised) : undefined;
  if (role) seen.roles.set(mark.key, role);
  return lookAtMark({ ...context, seen }, mark);
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
    await options.restore?.compare({ organizationId, workosId: linked.workosId });
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
