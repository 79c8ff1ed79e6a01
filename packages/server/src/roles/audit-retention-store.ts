import { query, type Reader, type Tx } from '../database/index.ts';
import { type OrganizationLock } from '../identity/index.ts';

/** How many days history is kept; null is for ever. */
export type Days = number | null;

/** An organization's own setting; nothing when it follows the environment. */
export async function findOwnRetention(
  reader: Reader,
  organizationId: string,
): Promise<{ readonly days: Days } | undefined> {
  const [row] = await query<{ readonly days: Days }>(reader, {
    name: 'find_own_retention',
    text: 'SELECT days FROM rolecall.audit_retention WHERE organization_id = $1',
    values: [organizationId],
  });
  return row;
}

/** Replaces an organization's own setting. */
export async function putOwnRetention(tx: Tx, lock: OrganizationLock, days: Days): Promise<void> {
  await query(tx, {
    name: 'put_own_retention',
    text: `INSERT INTO rolecall.audit_retention (organization_id, days) VALUES ($1, $2)
      ON CONFLICT (organization_id) DO UPDATE SET days = excluded.days`,
    values: [lock.organizationId, days],
  });
}

/** Lets an organization follow the environment. */
export async function deleteOwnRetention(tx: Tx, lock: OrganizationLock): Promise<void> {
  await query(tx, {
    name: 'delete_own_retention',
    text: 'DELETE FROM rolecall.audit_retention WHERE organization_id = $1',
    values: [lock.organizationId],
  });
}

/** The setting of the environment. */
export async function readEnvironmentRetention(reader: Reader): Promise<Days> {
  const [row] = await query<{ readonly days: Days }>(reader, {
    name: 'read_environment_retention',
    text: 'SELECT audit_retention_days AS days FROM rolecall.environment',
  });
  return row?.days ?? null;
}

/** Replaces the setting of the environment; what it was. */
export async function replaceEnvironmentRetention(tx: Tx, days: Days): Promise<Days> {
  const [row] = await query<{ readonly days: Days }>(tx, {
    name: 'replace_environment_retention',
    text: `UPDATE rolecall.environment e SET audit_retention_days = $1
      FROM (SELECT audit_retention_days AS days FROM rolecall.environment FOR UPDATE) was
      RETURNING was.days`,
    values: [days],
  });
  return row?.days ?? null;
}
