import { ANY } from '@rolecall/policy';
import { type Problem, refusal } from '../errors/index.ts';

/*
 * What the texts of a command must be. The constraints of the tables forbid the same; asked here, the
 * answer names the field. Each function returns what is wrong, or undefined.
 */

const IDENTIFIER = /^[^\s\p{Cc}]{1,255}$/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}\p{M}]/u;
const CONTROL = /\p{Cc}/u;
const EMAIL = /^[^\s\p{Cc}@][^\s\p{Cc}]*@[^\s\p{Cc}@]+$/u;

/** An id that the host chose: up to 255 bytes, no spaces, no control characters, not `*`. */
export function identifierProblem(id: string): string | undefined {
  if (!IDENTIFIER.test(id) || !id.isWellFormed()) {
    return 'must be 1 to 255 characters without spaces or control characters';
  }
  if (Buffer.byteLength(id) > 255) return 'must be at most 255 bytes long';
  return id === ANY ? 'must not be `*`, the wildcard, which names nothing' : undefined;
}

/** One line of text in any script that shows something; counted in characters, not in UTF-16 units. */
export function lineProblem(text: string, maxLength: number): string | undefined {
  if (CONTROL.test(text) || !text.isWellFormed()) return 'must not contain control characters';
  if (!VISIBLE.test(text)) return 'must not be empty';
  return tooLong(text, maxLength);
}

/** Text of several lines, perhaps empty. */
export function paragraphProblem(text: string, maxLength: number): string | undefined {
  if (text.includes('\0') || !text.isWellFormed()) return 'must not contain the character NUL';
  return tooLong(text, maxLength);
}

/** An e-mail address in any script. Whether it can be reached is for the mail to find out. */
export function emailProblem(email: string): string | undefined {
  if (!EMAIL.test(email) || !email.isWellFormed()) return 'must be an e-mail address';
  return tooLong(email, 320);
}

/** A name as it is kept: composed (NFC), so that equal names are equal texts, and without outer spaces. */
export function normalizeLine(text: string): string {
  return text.normalize('NFC').trim();
}

/** Throws `invalid_request` with every problem, when there is any. */
export function refuseProblems(problems: Readonly<Record<string, string | undefined>>): void {
  const found: Problem[] = Object.entries(problems).flatMap(([path, message]) =>
    message === undefined ? [] : [{ path, message }],
  );
  const [first] = found;
  if (first === undefined) return;
  throw refusal('invalid_request', `\`${first.path}\` ${first.message}`, { problems: found });
}

function tooLong(text: string, maxLength: number): string | undefined {
  const { length } = Array.from(text);
  return length > maxLength ? `must be at most ${maxLength} characters long` : undefined;
}
