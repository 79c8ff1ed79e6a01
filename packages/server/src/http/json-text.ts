import { limits } from '@rolecall/contract';
import { refusal, type RolecallError } from '../errors/index.ts';

const code = {
  quote: 0x22,
  comma: 0x2c,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** How much one list in a body may hold, and the body altogether. */
export interface JsonBounds {
  readonly items: number;
  readonly values: number;
}

/**
 * Reads JSON that may come from anybody: not nested too deeply, no endless lists (both are measured before
 * anything is built), and every text in it such that PostgreSQL can store it. Throws `invalid_json`,
 * `limit_exceeded` and `invalid_request`.
 */
export function parseJsonText(text: string, bounds: JsonBounds): unknown {
  if (!isSurelyWithin(text, bounds)) measure(text, bounds);
  const value = parse(text);
  // Unescaped, a control character is not JSON and a lone surrogate is not UTF-8.
  if (text.includes('\\u')) requireStorable(value, '');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusal('invalid_json', 'the body is not JSON');
  }
}

/** Whether no bound is within reach of a text, as with most questions: it is short and has few brackets. */
function isSurelyWithin(text: string, { items, values }: JsonBounds): boolean {
  if (text.length > items || text.length > values) return false;
  let brackets = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > limits.jsonDepth) return false;
    }
  }
  return true;
}

/** One pass over the characters. On text that is not JSON the figures mean nothing, and `parse` refuses it. */
function measure(text: string, bounds: JsonBounds): void {
  const items = new Uint32Array(limits.jsonDepth + 1);
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === code.quote) {
      at = endOfString(text, at);
    } else if (character === code.openBrace || character === code.openBracket) {
      depth += 1;
      if (depth > limits.jsonDepth) throw tooDeep();
      items[depth] = 0;
      values += 1;
    } else if (character === code.closeBrace || character === code.closeBracket) {
      if (depth > 0) depth -= 1;
    } else if (character === code.comma) {
      values += 1;
      const count = (items[depth] ?? 0) + 1;
      items[depth] = count;
      if (count >= bounds.items) throw tooMany('items in one list', bounds.items);
    }
    if (values > bounds.values) throw tooMany('values in one body', bounds.values);
  }
}

/** The position of the quote that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(quote - 1 - backslashes) === code.backslash) backslashes += 1;
  return backslashes % 2 === 1;
}

function tooDeep(): RolecallError {
  return refusal('invalid_json', `the body is nested more than ${limits.jsonDepth} levels deep`);
}

function tooMany(what: string, limit: number): RolecallError {
  return refusal('limit_exceeded', `more than ${limit} ${what}`);
}

/** Whether PostgreSQL can store a text: it has no NUL and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** The nesting is bounded by `measure`, so this may call itself. */
function requireStorable(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) throw unstorable(path);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) requireStorable(item, `${path}[${index}]`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!isStorable(key)) throw unstorable(path);
      requireStorable(item, path === '' ? key : `${path}.${key}`);
    }
  }
}

/** The refusal of a text with a NUL or a lone surrogate. */
export function unstorable(path: string): RolecallError {
  const message = 'must not contain NUL or half of a surrogate pair';
  const place = path === '' ? 'body' : path;
  return refusal('invalid_request', `\`${place}\` ${message}`, {
    problems: [{ path: place, message }],
  });
}
