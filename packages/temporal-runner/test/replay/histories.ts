import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Raised with each change of the workflows that is made behind a patch; see `docs/temporal.md`. */
export const VERSION = 'v1';

export const folder = join(import.meta.dirname, 'histories');

/** The names of what was recorded. */
export function listHistories(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json.gz'))
    .map((file) => file.replace(/\.json\.gz$/, ''))
    .sort();
}

/** A recorded history, as the SDK takes it. */
export function readHistory(name: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(join(folder, `${name}.json.gz`))).toString());
}
