import { refusal } from '../errors/index.ts';

/** What one key of a cursor must look like, so that a forged one never reaches the database as an error. */
export type KeyKind = 'time' | 'uuid' | 'number' | 'identifier';

/**
 * The opaque name of a place in a list: the immutable keys of the last row shown. `list` keeps a cursor of
 * one list from being used in another.
 */
export function encodeCursor(list: string, keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...keys])).toString('base64url');
}

/**
 * The keys in a cursor, as text and in the order of `kinds`; undefined when there is no cursor. Throws
 * `invalid_request` for anything that `encodeCursor` did not make for this list.
 */
export function decodeCursor(
  list: string,
  kinds: readonly KeyKind[],
  cursor: string | null | undefined,
): readonly string[] | undefined {
  if (cursor === null || cursor === undefined) return undefined;
  const [name, ...keys] = parseArray(cursor);
  const fits =
    name === list &&
    keys.length === kinds.length &&
    kinds.every((kind, index) => isOfKind[kind](keys[index]));
  if (fits) return keys.map(String);
  const message = 'is not a cursor of this list';
  throw refusal('invalid_request', `the cursor ${message}`, {
    problems: [{ path: 'cursor', message }],
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isOfKind: Readonly<Record<KeyKind, (key: unknown) => boolean>> = {
  time: (key) => typeof key === 'string' && isTime(key),
  uuid: (key) => typeof key === 'string' && UUID.test(key),
  number: (key) => Number.isSafeInteger(key) && Number(key) >= 0,
  identifier: (key) => typeof key === 'string' && key.isWellFormed() && !key.includes('\0'),
};

function isTime(key: string): boolean {
  const time = new Date(key);
  return /^\d{4}-/.test(key) && !Number.isNaN(time.getTime()) && time.toISOString() === key;
}

function parseArray(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
