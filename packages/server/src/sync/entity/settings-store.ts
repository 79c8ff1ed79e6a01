import { query, type Reader } from '../../database/index.ts';
import { type SyncMode } from '../decide/index.ts';

/** What an operator has decided about the whole environment. */
export interface SyncSettings {
  readonly mode: SyncMode;
  /** Everything is looked at, nothing is sent. */
  readonly observeOnly: boolean;
}

/** The settings as they are now. */
export async function readSettings(reader: Reader): Promise<SyncSettings> {
  const [row] = await query<{ readonly mode: SyncMode; readonly observe_only: boolean }>(reader, {
    name: 'sync_read_settings',
    text: 'SELECT mode, observe_only FROM rolecall.sync_settings',
  });
  return { mode: row?.mode ?? 'adopt', observeOnly: row?.observe_only ?? true };
}

/** Replaces the settings. What was only planned because nothing might be sent becomes due. */
export async function writeSettings(reader: Reader, settings: SyncSettings): Promise<void> {
  await query(reader, {
    text: 'UPDATE rolecall.sync_settings SET mode = $1, observe_only = $2',
    values: [settings.mode, settings.observeOnly],
  });
  if (settings.observeOnly) return;
  await query(reader, {
    text: `UPDATE rolecall.sync_entities SET next_attempt_at = clock_timestamp()
      WHERE reason = 'observe_only'`,
  });
}
