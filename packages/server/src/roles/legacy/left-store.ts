import { query, type Reader } from '../../database/index.ts';

/** Whether any grant of the organization is read by this slug, or would be if it named a role. */
export async function isKeyedBySlug(
  reader: Reader,
  organizationId: string,
  slug: string,
): Promise<boolean> {
  const rows = await query(reader, {
    name: 'is_keyed_by_slug',
    text: `SELECT FROM rolecall.legacy_grants
      WHERE organization_id = $1 AND slug = $2 AND NOT brought_over LIMIT 1`,
    values: [organizationId, slug],
  });
  return rows.length > 0;
}
