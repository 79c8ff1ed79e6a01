import { hash32 } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Makes identifiers and can be put back to where it was. */
export interface IdentifierSource {
  /**
   * A new identifier, `prefix_` and 26 characters. Those of one prefix sort as they were made, also
   * within one millisecond and when the clock goes back.
   */
  readonly next: (prefix: string) => string;
  readonly position: () => IdentifierPosition;
  readonly restore: (position: IdentifierPosition) => void;
}

/** How far an identifier source has come. */
export interface IdentifierPosition {
  readonly time: number;
  readonly sequence: number;
  readonly made: number;
}

/**
 * Makes the source that `seed` names: 10 characters of time, 4 that count within the millisecond, 12
 * drawn from the seed.
 */
export function createIdentifierSource(seed: string, now: () => number): IdentifierSource {
  let time = 0;
  let sequence = 0;
  let made = 0;
  return {
    next: (prefix) => {
      const wall = now();
      if (wall > time) {
        time = wall;
        sequence = 0;
      } else {
        sequence += 1;
        if (sequence === 32 ** 4) {
          time += 1;
          sequence = 0;
        }
      }
      made += 1;
      const tail =
        encode(hash32(seed, prefix, made, 'a'), 6) + encode(hash32(seed, prefix, made, 'b'), 6);
      return `${prefix}_${encode(time, 10)}${encode(sequence, 4)}${tail}`;
    },
    position: () => ({ time, sequence, made }),
    restore: (position) => {
      ({ time, sequence, made } = position);
    },
  };
}

/** `length` characters drawn from `parts`: keys, secrets, tokens. */
export function drawToken(length: number, ...parts: readonly (string | number)[]): string {
  let token = '';
  for (let index = 0; token.length < length; index += 1) {
    token += encode(hash32(...parts, index), 6);
  }
  return token.slice(0, length);
}

function encode(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
