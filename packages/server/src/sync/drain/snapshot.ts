import { inTransaction, type Tx } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeMirror, mirrorEnvironmentRole, type MirrorTraces } from '../../roles/index.ts';
import { type RemoteRole } from '../../workos/index.ts';
import { type ConvergeContext } from '../converge/index.ts';
import { type LinkedOrganization, raiseMarks, requireLease } from '../entity/index.ts';
import { releaseParked } from '../inbound/index.ts';
import { compareMemberships, compareRoles, differingEnvironmentRoles } from './compare-store.ts';
import { type Listing } from './listing.ts';
import { lookAtPage } from './look-at-page.ts';
import {
  beginSnapshotRun,
  endSnapshotRun,
  findSnapshotRun,
  forgetSeen,
  linkMemberships,
  linkRoles,
  markEnvironmentOf,
  moveSnapshotRun,
  noteSeen,
  type SnapshotRun,
  type SnapshotStage,
  sweepMemberships,
  sweepRoles,
} from './snapshot-store.ts';

/**
 * Does the next step of comparing an organization as a whole, if that is wanted; answers with its stage. Everything
 * of the other side is listed, compared with what is here, and what differs is marked and goes through the
 * routine, at once where a page has just shown it. A page that cannot be had leaves the comparison where it is:
 * INVARIANT (absence), only after a complete listing is anything taken to be missing from it. Throws what calls
 * throw, and `LeaseLost`.
 */
export async function stepSnapshot(
  context: ConvergeContext,
  listing: Listing,
  { snapshotWanted, snapshotDone }: LinkedOrganization,
): Promise<SnapshotStage | undefined> {
  const { db, organizationId } = context;
  const run = await findSnapshotRun(db, organizationId);
  if (run === undefined) {
    if (snapshotDone >= snapshotWanted) return undefined;
    await fenced(context, (tx) => beginSnapshotRun(tx, organizationId, snapshotWanted));
    return 'linking';
  }
  await stages[run.stage](context, listing, run);
  return run.stage;
}

type Step = (context: ConvergeContext, listing: Listing, run: SnapshotRun) => Promise<void>;

const stages: Readonly<Record<SnapshotStage, Step>> = {
  linking: async (context, _, { position }) => {
    const { organizationId } = context;
    await fenced(context, async (tx) => {
      if (position === null) await linkRoles(tx, organizationId);
      const last = await linkMemberships(tx, organizationId, position);
      const stage = last === null ? 'roles' : 'linking';
      await moveSnapshotRun(tx, organizationId, { stage, position: last });
    });
  },
  roles: stepRoles,
  memberships: stepMemberships,
  sweep: async (context, _, { position }) => {
    const { organizationId } = context;
    await fenced(context, async (tx) => {
      const last = await sweepMemberships(tx, organizationId, position);
      const stage = last === null ? 'clear' : 'sweep';
      await moveSnapshotRun(tx, organizationId, { stage, position: last });
    });
  },
  clear: async (context) => {
    const { organizationId, workosId } = context;
    await fenced(context, async (tx) => {
      if (await forgetSeen(tx, organizationId)) return;
      await releaseParked(tx, workosId);
      await endSnapshotRun(tx, organizationId);
    });
  },
};

async function stepRoles(context: ConvergeContext, listing: Listing): Promise<void> {
  const { db, port, organizationId, workosId } = context;
  const roles = await port.listRoles(workosId);
  const environment = roles.filter(({ kind }) => kind === 'environment');
  const lacking = await differingEnvironmentRoles(db, organizationId, environment);
  if (lacking.length > 0) await takeEnvironmentRoles(context, lacking);
  await markEnvironmentOf(db, workosId, { environmentSlugs: environment.map(({ slug }) => slug) });
  const own = roles.filter(({ kind }) => kind === 'organization');
  const compared = await compareRoles(db, organizationId, own);
  const differing = own.filter(({ slug }) => compared.get(slug) === 'differs');
  const marked = await fenced(context, async (tx) => {
    await sweepRoles(
      tx,
      organizationId,
      own.map(({ slug }) => slug),
    );
    const progress = { listed: own.length, differing: differing.length };
    await moveSnapshotRun(tx, organizationId, { stage: 'memberships', ...progress });
    return raiseMarks(
      tx,
      organizationId,
      'organization_role',
      differing.map(({ slug }) => slug),
    );
  });
  for (const role of differing) listing.note(role.slug, role, first(marked.get(role.slug)));
}

async function stepMemberships(
  context: ConvergeContext,
  listing: Listing,
  { position }: SnapshotRun,
): Promise<void> {
  const { db, port, organizationId, workosId } = context;
  const after = position === null ? {} : { after: position };
  const { items, next } = await port.listMemberships({ organizationId: workosId }, after);
  const compared = await compareMemberships(db, organizationId, items);
  const differing = items.filter(({ remoteId }) => compared.get(remoteId) === 'differs');
  const marked = await fenced(context, async (tx) => {
    await noteSeen(
      tx,
      organizationId,
      items.map(({ remoteId }) => remoteId),
    );
    const stage = next === null ? 'sweep' : 'memberships';
    const progress = { listed: items.length, differing: differing.length };
    await moveSnapshotRun(tx, organizationId, { stage, position: next, ...progress });
    return raiseMarks(
      tx,
      organizationId,
      'membership',
      differing.map(({ remoteId }) => remoteId),
    );
  });
  await lookAtPage(
    context,
    listing,
    differing.map((one) => ({ one, raised: first(marked.get(one.remoteId)) })),
  );
}

/** A thing that was marked before too may have changed after it was listed. */
function first(raised: number | undefined): number | undefined {
  return raised === 1 ? raised : undefined;
}

async function takeEnvironmentRoles(
  { db, organizationId, lease }: ConvergeContext,
  roles: readonly RemoteRole[],
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, organizationId);
    await requireLease(tx, lease);
    const traces: MirrorTraces[] = [];
    for (const role of roles) {
      traces.push(await mirrorEnvironmentRole(tx, lock, { role, cause: null }));
    }
    await closeMirror(tx, lock, traces, null);
  });
}

function fenced<T>({ db, lease }: ConvergeContext, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(db, async (tx) => {
    await requireLease(tx, lease);
    return work(tx);
  });
}
