import { randomBytes } from 'node:crypto';

/** Gives as many random bytes as it is asked for. */
export type RandomSource = (bytes: number) => Uint8Array;

/** Random bytes that nobody can guess. */
export const secureRandom: RandomSource = randomBytes;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Random letters and digits, each of the 62 as likely as the others: 5.95 bits a character. */
export function randomText(length: number, random: RandomSource = secureRandom): string {
  return draw(BASE62, length, random);
}

/** Random lower-case letters and digits: 5.17 bits a character. */
export function randomLowerCase(length: number, random: RandomSource = secureRandom): string {
  return draw(BASE36, length, random);
}

/** An id that nobody else has: the prefix, `_`, and 22 random characters (131 bits). */
export function generateId(prefix: string, random: RandomSource = secureRandom): string {
  return `${prefix}_${randomText(22, random)}`;
}

function draw(alphabet: string, length: number, random: RandomSource): string {
  // A byte beyond the last whole multiple of the alphabet would make its first characters likelier.
  const fair = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) {
      if (byte < fair) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}
