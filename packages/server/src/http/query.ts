import { refusal } from '../errors/index.ts';
import { isStorable, unstorable } from './json-text.ts';

/**
 * The query of a URL as one value per name. A name that is given twice would make one of the two a wish
 * that nobody hears, so it is refused. Throws `invalid_request`.
 */
export function readQuery(url: string): Readonly<Record<string, string>> {
  const start = url.indexOf('?');
  if (start === -1) return {};
  const entries = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (!isStorable(name) || !isStorable(value))
      throw unstorable(isStorable(name) ? name : 'query');
    if (entries.has(name)) {
      throw refusal('invalid_request', `\`${name}\` is given more than once`, {
        problems: [{ path: name, message: 'is given more than once' }],
      });
    }
    entries.set(name, value);
  }
  return Object.fromEntries(entries);
}
