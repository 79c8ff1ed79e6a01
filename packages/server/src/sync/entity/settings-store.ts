import { query, type Reader } from '../../database/index.ts';
import { type SyncMode } from '../decide/index.ts';

/** What an operator has decided about the whole environment. */
export interface SyncSettings {
  readonly mode: SyncMode;
  /** Everything is looked at, nothing is sent. */
  readonly observeOnly: boolean;
  /** So many removals in an hour pass without asking, in one organization and one direction, … */
  readonly brakeCount: number;
  /** … or so many for each hundred members or roles, whichever is more. */
  readonly brakePercent: number;
  /** How long WorkOS keeps events. */
  readonly retentionDays: number;
  /** Whether a mark is left in WorkOS, by which a restored database is noticed. */
  readonly marker: boolean;
}

interface SettingsRow {
  readonly mode: SyncMode;
  readonly observeOnly: boolean;
  readonly brakeCount: number;
  readonly brakePercent: number;
  readonly retentionDays: number;
  readonly marker: boolean;
}

/** The settings as they are now. */
export async function readSettings(reader: Reader): Promise<SyncSettings> {
  const [row] = await query<SettingsRow>(reader, {
    name: 'sync_read_settings',
    text: `SELECT mode, observe_only AS "observeOnly", brake_count AS "brakeCount",
        brake_percent AS "brakePercent", retention_days AS "retentionDays", marker
      FROM rolecall.sync_settings`,
  });
  if (row === undefined) throw new Error('the settings are not there');
  return row;
}

/** Changes what is named. What was only planned because nothing might be sent becomes due. */
export async function writeSettings(
  reader: Reader,
  settings: Partial<SyncSettings>,
): Promise<void> {
  const { mode, observeOnly, brakeCount, brakePercent, retentionDays, marker } = settings;
  await query(reader, {
    text: `UPDATE rolecall.sync_settings SET mode = coalesce($1, mode),
        observe_only = coalesce($2, observe_only), brake_count = coalesce($3, brake_count),
        brake_percent = coalesce($4, brake_percent),
        retention_days = coalesce($5, retention_days), marker = coalesce($6, marker)`,
    values: [mode, observeOnly, brakeCount, brakePercent, retentionDays, marker].map(
      (value) => value ?? null,
    ),
  });
  if (observeOnly !== false) return;
  await query(reader, {
    text: `UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
      WHERE reason = 'observe_only'`,
  });
}
