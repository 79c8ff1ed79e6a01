import { query, type Reader } from '../../database/index.ts';
import { type RemoteRole } from '../../workos/index.ts';
import { type Attempt, ATTEMPT_COLUMNS, ATTEMPTS, IS_REMEMBERED } from '../entity/index.ts';

/** Unanswered calls, remembered yet, that wrote a role of this slug, whichever role had it here then. */
const OF_SLUG = `FROM ${ATTEMPTS} AND e.kind = 'organization_role'
  JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id::text = e.subject_id
  WHERE a.organization_id = $1 AND r.slug = $2 AND ${IS_REMEMBERED}`;

/**
 * Unanswered calls that are remembered, the oldest first. A call names its role by the slug alone, so those of another
 * role that had it before are meant too.
 */
export async function listRoleAttempts(
  reader: Reader,
  organizationId: string,
  slug: string,
): Promise<readonly Attempt[]> {
  return query<Attempt>(reader, {
    name: 'sync_list_role_attempts',
    text: `SELECT ${ATTEMPT_COLUMNS} ${OF_SLUG} ORDER BY a.id`,
    values: [organizationId, slug],
  });
}

/**
 * The role that was deleted here and let its slug go, and of which such a call would have left just this behind.
 * Nothing when somebody holds the slug.
 */
export async function findDeletedAuthor(
  reader: Reader,
  organizationId: string,
  { slug, name, description }: RemoteRole,
): Promise<string | undefined> {
  const [row] = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_deleted_author',
    text: `SELECT r.id ${OF_SLUG} AND NOT r.slug_held AND a.value ->> 'name' = $3
        AND a.value ->> 'description' IS NOT DISTINCT FROM $4::text
        AND NOT EXISTS (SELECT FROM rolecall.roles h
          WHERE h.organization_id = $1 AND h.slug = $2 AND h.slug_held)
      ORDER BY a.id DESC LIMIT 1`,
    values: [organizationId, slug, name, description],
  });
  return row?.id;
}
