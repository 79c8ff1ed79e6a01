import { refusal } from '../errors/index.ts';

const entityTag = /^"[\x21\x23-\x7e]*"$/;

/**
 * The version that `If-Match` demands; undefined when any will do. A tag that no version of ours has
 * matches nothing. Throws `invalid_request`, `version_mismatch`.
 */
export function readIfMatch(headers: Headers): number | undefined {
  const header = headers.get('if-match')?.trim();
  if (header === undefined || header === '*') return undefined;
  const version = /^("?)([0-9]{1,15})\1$/.exec(header)?.[2];
  if (version !== undefined) return Number(version);
  if (entityTag.test(header) || header.startsWith('W/')) {
    throw refusal('version_mismatch', `\`${header}\` names no version of this`);
  }
  throw refusal('invalid_request', 'the header `If-Match` is not one ETag', {
    problems: [{ path: 'If-Match', message: 'must be one ETag, such as `"3"`' }],
  });
}

/** A version as the ETag that `readIfMatch` reads. */
export function entityTagOf(version: number): string {
  return `"${version}"`;
}
