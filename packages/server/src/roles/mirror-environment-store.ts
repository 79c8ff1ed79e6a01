import { query, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';
import { type MirroredRole } from './mirror-store.ts';

/** What became of a role of the environment; `name` and `description` are null before it was made. */
export interface GlobalRoleChange {
  readonly id: string;
  readonly before: Omit<MirroredRole, 'slug'> | null;
}

interface ChangeRow {
  readonly id: string;
  readonly was_there: boolean;
  readonly old_name: string;
  readonly old_description: string | null;
}

/** Makes a role of the environment, or takes over what it says of itself; nothing when it is so already. */
export async function putGlobalRole(
  tx: Tx,
  { slug, name, description }: MirroredRole,
): Promise<GlobalRoleChange | undefined> {
  const [row] = await query<ChangeRow>(tx, {
    name: 'put_global_role',
    text: `WITH old AS (SELECT name, description FROM rolecall.global_roles
          WHERE slug = $1 AND deleted_at IS NULL),
        put AS (INSERT INTO rolecall.global_roles AS g (slug, name, description) VALUES ($1, $2, $3)
          ON CONFLICT (slug) WHERE deleted_at IS NULL DO UPDATE
            SET name = excluded.name, description = excluded.description, updated_at = now()
            WHERE (g.name, g.description) IS DISTINCT FROM (excluded.name, excluded.description)
              AND g.slug NOT IN ('admin', 'member')
          RETURNING id)
      SELECT put.id, old.name IS NOT NULL AS was_there, old.name AS old_name,
          old.description AS old_description
        FROM put LEFT JOIN old ON true`,
    values: [slug, name, description],
  });
  if (row === undefined) return undefined;
  const { id, was_there, old_name, old_description } = row;
  return { id, before: was_there ? { name: old_name, description: old_description } : null };
}

/** Makes sure that an organization has a role of the environment, without grants; its id when it had not. */
export async function insertEnvironmentRole(
  tx: Tx,
  lock: OrganizationLock,
  slug: string,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(tx, {
    name: 'insert_environment_role',
    text: `INSERT INTO rolecall.roles (organization_id, id, kind)
      SELECT $1, g.id, 'global' FROM rolecall.global_roles g
        WHERE g.slug = $2 AND g.deleted_at IS NULL
      ON CONFLICT DO NOTHING RETURNING id`,
    values: [lock.organizationId, slug],
  });
  return row?.id;
}

/** What is over; `wasThere` is false when it was over before. */
export interface Buried {
  readonly id: string;
  readonly wasThere: boolean;
}

/**
 * Notes that a role of the environment is no more; every load ignores it. The system roles stay. Nothing when
 * there never was one.
 */
export async function buryGlobalRole(tx: Tx, slug: string): Promise<Buried | undefined> {
  const [row] = await query<Buried>(tx, {
    name: 'bury_global_role',
    text: `UPDATE rolecall.global_roles g SET deleted_at = coalesce(g.deleted_at, now())
      FROM (SELECT id, deleted_at FROM rolecall.global_roles
        WHERE slug = $1 AND slug NOT IN ('admin', 'member')
        ORDER BY deleted_at DESC NULLS FIRST LIMIT 1) was
      WHERE g.id = was.id RETURNING g.id, was.deleted_at IS NULL AS "wasThere"`,
    values: [slug],
  });
  return row;
}

/** Notes that a person is no more; every load denies them from now on. Nothing when nobody here is meant. */
export async function buryUser(tx: Tx, workosUserId: string): Promise<Buried | undefined> {
  const [row] = await query<Buried>(tx, {
    name: 'bury_user',
    text: `UPDATE rolecall.users u SET deleted_at = coalesce(u.deleted_at, now()), updated_at = now()
      FROM (SELECT id, deleted_at FROM rolecall.users WHERE workos_user_id = $1 FOR UPDATE) was
      WHERE u.id = was.id RETURNING u.id, was.deleted_at IS NULL AS "wasThere"`,
    values: [workosUserId],
  });
  return row;
}

/** Takes over the name of an organization; the name that it had, when that was another one. */
export async function replaceOrganizationName(
  tx: Tx,
  lock: OrganizationLock,
  name: string,
): Promise<string | undefined> {
  const [row] = await query<{ readonly name: string }>(tx, {
    name: 'replace_organization_name',
    text: `UPDATE rolecall.organizations o SET name = $2, updated_at = now()
      FROM (SELECT name FROM rolecall.organizations WHERE id = $1) was
      WHERE o.id = $1 AND o.name <> $2 RETURNING was.name`,
    values: [lock.organizationId, name],
  });
  return row?.name;
}
