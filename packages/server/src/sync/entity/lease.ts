import { randomUUID } from 'node:crypto';
import { type Db, query, type Reader, type Tx } from '../../database/index.ts';

/**
 * The right to work on one organization. INVARIANT (fencing): taking it raises the epoch; whatever is written
 * demands the epoch, so who was paused past the end of its lease writes nothing any more.
 */
export interface Lease {
  readonly organizationId: string;
  readonly epoch: number;
}

/** Thrown by whoever writes under a lease that somebody else has taken over. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor({ organizationId, epoch }: Lease) {
    super(`the lease \`${epoch}\` of the organization \`${organizationId}\` was taken over`);
  }
}

/**
 * Takes the lease of a linked organization, unless somebody else has it or the organization is not linked. A holder
 * that has it already takes it over from itself: for whoever knows that its former self is dead, or does not
 * care, since the epoch is raised all the same.
 */
export async function takeLease(
  db: Db,
  organizationId: string,
  leaseMs: number,
  holder: string = randomUUID(),
): Promise<Lease | undefined> {
  await query(db, {
    name: 'sync_know_organization',
    text: `INSERT INTO rolecall.sync_organizations (organization_id)
      SELECT id FROM rolecall.organizations WHERE id = $1 AND workos_id IS NOT NULL
      ON CONFLICT DO NOTHING`,
    values: [organizationId],
  });
  const [row] = await query<{ readonly epoch: number }>(db, {
    name: 'sync_take_lease',
    text: `UPDATE rolecall.sync_organizations
      SET epoch = epoch + 1, holder = $2, held_until = clock_timestamp() + $3 * interval '1 ms'
      WHERE organization_id = $1 AND (holder IS NULL OR holder = $2 OR held_until < clock_timestamp())
      RETURNING epoch`,
    values: [organizationId, holder, leaseMs],
  });
  return row && { organizationId, epoch: row.epoch };
}

/** Keeps a lease for longer. Throws `LeaseLost`. */
export async function renewLease(db: Db, lease: Lease, leaseMs: number): Promise<void> {
  const rows = await query(db, {
    name: 'sync_renew_lease',
    text: `UPDATE rolecall.sync_organizations
      SET held_until = clock_timestamp() + $3 * interval '1 ms'
      WHERE organization_id = $1 AND epoch = $2 AND holder IS NOT NULL RETURNING 1`,
    values: [lease.organizationId, lease.epoch, leaseMs],
  });
  if (rows.length === 0) throw new LeaseLost(lease);
}

/** Gives a lease back; nothing happens when somebody else has it. */
export async function releaseLease(db: Db, lease: Lease): Promise<void> {
  await query(db, {
    name: 'sync_release_lease',
    text: `UPDATE rolecall.sync_organizations SET holder = NULL, held_until = NULL
      WHERE organization_id = $1 AND epoch = $2`,
    values: [lease.organizationId, lease.epoch],
  });
}

/** Makes sure that nobody takes the lease over before the transaction ends. Throws `LeaseLost`. */
export async function requireLease(tx: Tx, lease: Lease): Promise<void> {
  const rows = await query(tx, {
    name: 'sync_require_lease',
    text: `SELECT FROM rolecall.sync_organizations
      WHERE organization_id = $1 AND epoch = $2 AND holder IS NOT NULL FOR SHARE`,
    values: [lease.organizationId, lease.epoch],
  });
  if (rows.length === 0) throw new LeaseLost(lease);
}

/** Where a linked organization is in WorkOS, and whether it is to be compared as a whole. */
export interface LinkedOrganization {
  readonly workosId: string;
  readonly snapshotWanted: number;
  readonly snapshotDone: number;
}

/** What is known of a linked organization; nothing when it is not linked. */
export async function findLinked(
  reader: Reader,
  organizationId: string,
): Promise<LinkedOrganization | undefined> {
  const [row] = await query<{
    readonly workos_id: string;
    readonly snapshot_wanted: number;
    readonly snapshot_done: number;
  }>(reader, {
    name: 'sync_find_linked',
    text: `SELECT o.workos_id, s.snapshot_wanted, s.snapshot_done
      FROM rolecall.organizations o JOIN rolecall.sync_organizations s ON s.organization_id = o.id
      WHERE o.id = $1 AND o.workos_id IS NOT NULL`,
    values: [organizationId],
  });
  return (
    row && {
      workosId: row.workos_id,
      snapshotWanted: row.snapshot_wanted,
      snapshotDone: row.snapshot_done,
    }
  );
}
