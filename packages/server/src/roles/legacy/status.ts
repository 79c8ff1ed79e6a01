import { type LegacyState, query, type Reader } from '../../database/index.ts';
import { readLegacyEnvironment } from './state-store.ts';
import { findUnmapped, type UnmappedSlug } from './unmapped-store.ts';

/** How far an environment is on the way from slugs to ids. */
export interface LegacyStatus {
  readonly state: LegacyState;
  readonly since: string | null;
  /** Grants that are read by their slug and can be brought over. */
  readonly left: number;
  /** Grants whose slug names no role: they grant nothing. */
  readonly unmapped: number;
  /** Grants that are kept by their slug, and read by the id of their role. */
  readonly broughtOver: number;
  /** The slugs that name no role, the first thousand of them, with why. */
  readonly unmappedSlugs: readonly UnmappedSlug[];
}

/** Counts what is left to do, and names what cannot be done without a decision of somebody's. */
export async function getLegacyStatus(reader: Reader): Promise<LegacyStatus> {
  const { state, since } = await readLegacyEnvironment(reader);
  const [counted] = await query<Pick<LegacyStatus, 'left' | 'unmapped' | 'broughtOver'>>(reader, {
    text: `SELECT count(*) FILTER (WHERE NOT brought_over AND role_id IS NOT NULL) AS left,
        count(*) FILTER (WHERE NOT brought_over AND role_id IS NULL) AS unmapped,
        count(*) FILTER (WHERE brought_over) AS "broughtOver"
      FROM rolecall.legacy_grants`,
  });
  const { left = 0, unmapped = 0, broughtOver = 0 } = counted ?? {};
  const unmappedSlugs = unmapped === 0 ? [] : await findUnmapped(reader, {});
  return { state, since, left, unmapped, broughtOver, unmappedSlugs };
}
