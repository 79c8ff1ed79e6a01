import { type Db, inTransaction, query } from '../../database/index.ts';
import { type DriftOptions, type DriftReport, findDrift } from './drift.ts';

export interface RepairOptions extends DriftOptions {
  /** Only says what differs; on unless told otherwise. */
  readonly dryRun?: boolean;
}

/**
 * Says what differs in an organization, and has it mended unless this is a dry run: by comparing everything
 * through the one routine, which may run beside live events and goes on where it was cut off.
 */
export async function repair(
  options: RepairOptions,
  organizationId: string,
): Promise<DriftReport | undefined> {
  const found = await findDrift(options, organizationId);
  if (found === undefined || (options.dryRun ?? true)) return found;
  await wantSnapshot(options.db, organizationId);
  return found;
}

/** Has an organization compared as a whole. */
export async function wantSnapshot(db: Db, organizationId: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await query(tx, {
      text: `UPDATE rolecall.sync_organizations SET snapshot_wanted = snapshot_wanted + 1
        WHERE organization_id = $1`,
      values: [organizationId],
    });
    await query(tx, { text: `SELECT pg_notify('rolecall', $1)`, values: [organizationId] });
  });
}
