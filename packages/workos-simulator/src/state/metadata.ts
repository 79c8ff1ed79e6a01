import type { Metadata } from './records.ts';
import { badRequest } from './refusal.ts';

/** A change of metadata: `null` empties it, an empty or null value removes its key. */
export type MetadataChange = Readonly<Record<string, string | null>> | null;

/**
 * The metadata after `change`.
 * @throws Refusal `invalid_metadata` beyond 50 keys, 40 characters of a key, 600 of a value
 */
export function changeMetadata(metadata: Metadata, change: MetadataChange | undefined): Metadata {
  if (change === undefined) return metadata;
  if (change === null) return {};
  const entries = new Map(Object.entries(metadata));
  for (const [key, value] of Object.entries(change)) {
    if (value === null || value === '') entries.delete(key);
    else entries.set(key, value);
    if (key.length > 40 || (value ?? '').length > 600) throw badRequest('invalid_metadata');
  }
  if (entries.size > 50) throw badRequest('invalid_metadata');
  return Object.fromEntries(entries);
}

/** The external id after a change: null and the empty string clear it. */
export function changedExternalId(
  before: string | null,
  change: string | null | undefined,
): string | null {
  if (change === undefined) return before;
  return change === '' ? null : change;
}
