import { type Db, inTransaction, query, type Reader, type Tx } from '../../database/index.ts';

/** Which way a removal goes. */
export type Direction = 'to_workos' | 'from_workos';

/** What is removed: roles, or what memberships hold; a membership that ends counts with the latter. */
export type BrakeKind = 'organization_role' | 'membership_roles';

/** Removals that happen together. */
export interface Removal {
  readonly direction: Direction;
  readonly kind: BrakeKind;
  readonly count: number;
}

/**
 * Whether so much may still be removed. INVARIANT (mass removal): in one organization and one direction no more
 * is removed in an hour than the settings allow, until a person has released the brake. Asked and counted under
 * the organization's lease, so two removals never pass on the room of one.
 */
export async function mayRemove(
  reader: Reader,
  organizationId: string,
  { direction, kind, count }: Removal,
): Promise<boolean> {
  const [row] = await query<{ readonly may: boolean }>(reader, {
    name: 'sync_may_remove',
    text: `SELECT coalesce(b.released_until > clock_timestamp(), false) OR (b.tripped_at IS NULL AND
          r.removed + $4 <= greatest(s.brake_count, s.brake_percent / 100.0 * (r.removed +
            CASE $3 WHEN 'membership_roles' THEN o.member_count ELSE o.role_count END))) AS may
      FROM rolecall.sync_settings s
      JOIN rolecall.organization_state o ON o.organization_id = $1
      LEFT JOIN rolecall.sync_brakes b
        ON b.organization_id = $1 AND b.direction = $2 AND b.kind = $3
      CROSS JOIN LATERAL (SELECT CASE WHEN b.began_at > clock_timestamp() - interval '1 hour'
        THEN b.removals ELSE 0 END AS removed) r`,
    values: [organizationId, direction, kind, count],
  });
  return row?.may ?? false;
}

/** Counts what was removed, in the transaction that notes it. */
export async function countRemoval(
  tx: Tx,
  organizationId: string,
  { direction, kind, count }: Removal,
): Promise<void> {
  await query(tx, {
    name: 'sync_count_removal',
    text: `INSERT INTO rolecall.sync_brakes AS b (organization_id, direction, kind, removals)
      VALUES ($1, $2, $3, $4)
      ON CONFLICT (organization_id, direction, kind) DO UPDATE SET
        removals = CASE WHEN b.began_at > clock_timestamp() - interval '1 hour'
          THEN b.removals ELSE 0 END + $4,
        began_at = CASE WHEN b.began_at > clock_timestamp() - interval '1 hour'
          THEN b.began_at ELSE clock_timestamp() END`,
    values: [organizationId, direction, kind, count],
  });
}

/** Stops further removals until a person has looked. */
export async function tripBrake(
  tx: Tx,
  organizationId: string,
  { direction, kind }: Pick<Removal, 'direction' | 'kind'>,
): Promise<void> {
  await query(tx, {
    name: 'sync_trip_brake',
    text: `INSERT INTO rolecall.sync_brakes AS b (organization_id, direction, kind, tripped_at)
      VALUES ($1, $2, $3, clock_timestamp())
      ON CONFLICT (organization_id, direction, kind) DO UPDATE
        SET tripped_at = coalesce(b.tripped_at, excluded.tripped_at)`,
    values: [organizationId, direction, kind],
  });
}

/** A brake that stops removals until somebody releases it. */
export interface TrippedBrake {
  readonly organizationId: string;
  readonly direction: Direction;
  readonly kind: BrakeKind;
  readonly trippedAt: string;
  /** How much passed in the hour before. */
  readonly removals: number;
  /** Things of this organization that wait for a release, in either direction. */
  readonly held: number;
}

/** The brakes that hold something back, in one organization or in all. */
export async function listTrippedBrakes(
  reader: Reader,
  organizationId: string | null = null,
): Promise<readonly TrippedBrake[]> {
  return query<TrippedBrake>(reader, {
    text: `SELECT b.organization_id AS "organizationId", b.direction, b.kind,
        b.tripped_at AS "trippedAt", b.removals,
        (SELECT count(*) FROM rolecall.sync_entities e
          WHERE e.organization_id = b.organization_id AND e.reason = 'mass_removal') AS held
      FROM rolecall.sync_brakes b
      WHERE b.tripped_at IS NOT NULL AND ($1::text IS NULL OR b.organization_id = $1)
      ORDER BY b.organization_id, b.direction, b.kind`,
    values: [organizationId],
  });
}

/** A person's word that what was held back is meant. */
export interface Release {
  readonly organizationId: string;
  /** Both unless told otherwise. */
  readonly direction?: Direction;
  /** The principal who says so, as `user:ada`. */
  readonly actor: string;
  /** For how long removals pass uncounted; an hour unless told otherwise. */
  readonly forMs?: number;
}

const RELEASED_MS = 3_600_000;

/** Lets through what was held back, and for a while whatever else is removed; answers with how many brakes. */
export async function releaseBrake(db: Db, release: Release): Promise<number> {
  const { organizationId, direction = null, actor, forMs = RELEASED_MS } = release;
  return inTransaction(db, async (tx) => {
    const rows = await query(tx, {
      text: `UPDATE rolecall.sync_brakes SET tripped_at = NULL, removals = 0,
          began_at = clock_timestamp(), released_by = $3,
          released_until = clock_timestamp() + $4 * interval '1 ms'
        WHERE organization_id = $1 AND tripped_at IS NOT NULL AND ($2::text IS NULL OR direction = $2)
        RETURNING 1`,
      values: [organizationId, direction, actor, forMs],
    });
    if (rows.length === 0) return 0;
    await query(tx, {
      text: `UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
        WHERE organization_id = $1 AND reason = 'mass_removal'`,
      values: [organizationId],
    });
    await query(tx, { text: `SELECT pg_notify('rolecall', $1)`, values: [organizationId] });
    return rows.length;
  });
}
