import { type Db, query } from '@rolecall/server/database';

/** One grant keyed by a slug, in few words. */
export interface LegacyGrant {
  readonly slug: string;
  readonly scope?: string;
  readonly effect?: 'allow' | 'deny';
  readonly resourceId?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Opens the environment to grants keyed by slugs. */
export async function becomeDual(db: Db): Promise<void> {
  await query(db, {
    text: `UPDATE rolecall.environment SET legacy_state = 'dual' WHERE legacy_state <> 'dual'`,
  });
}

/** Stores grants keyed by slugs, as by hand: without a revision, a change record or a history. */
export async function insertLegacy(
  db: Db,
  organizationId: string,
  ...grants: readonly LegacyGrant[]
): Promise<void> {
  for (const grant of grants) {
    await query(db, {
      text: `INSERT INTO rolecall.legacy_grants (organization_id, slug, scope, effect, resource_id, dimensions)
        VALUES ($1, $2, $3, $4, $5, $6)`,
      values: [
        organizationId,
        grant.slug,
        grant.scope ?? 'project:read',
        grant.effect ?? 'allow',
        grant.resourceId ?? '*',
        JSON.stringify(grant.dimensions ?? {}),
      ],
    });
  }
}

/** A row keyed by a slug, as far as tests look at it. */
export interface LegacyRow {
  readonly slug: string;
  readonly role_id: string | null;
  readonly brought_over: boolean;
  readonly resource_id: string;
}

/** What is stored by slugs in an organization, in the order in which it came. */
export async function legacyRows(db: Db, organizationId: string): Promise<readonly LegacyRow[]> {
  return query<LegacyRow>(db, {
    text: `SELECT slug, role_id, brought_over, resource_id FROM rolecall.legacy_grants
      WHERE organization_id = $1 ORDER BY id`,
    values: [organizationId],
  });
}
