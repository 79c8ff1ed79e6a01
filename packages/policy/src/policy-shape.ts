import { policyError, quote, type PolicyProblem } from './error.ts';

/** Refuses what is not an object. Throws `invalid_policy`. */
export function requireObject(input: unknown, path: string): asserts input is object {
  if (typeof input !== 'object' || input === null) {
    refuse('not_an_object', `${quote(input)} does not declare anything`, path, input);
  }
}

/**
 * Refuses keys that nobody reads: `requierd` ignored would let checks pass that name too little. Throws
 * `invalid_policy`.
 */
export function requireKeys(input: unknown, keys: readonly string[], path: string): void {
  requireObject(input, path);
  const stray = Object.keys(input).find((key) => !keys.includes(key));
  if (stray !== undefined) refuse('unknown_key', `unknown key ${quote(stray)}`, path, stray);
}

// Names are parts of scopes and keys of selectors: `:` and `*` would be read as something else.
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Refuses what is not a name. Throws `invalid_policy`. */
export function requireName(name: string, path: string): void {
  if (!NAME.test(name)) {
    refuse(
      'malformed_name',
      `name ${quote(name)} is not made of letters, digits, _ and -`,
      path,
      name,
    );
  }
}

/** Throws `invalid_policy`. */
export function refuse(
  problem: PolicyProblem,
  message: string,
  path: string,
  value?: unknown,
): never {
  throw policyError('invalid_policy', problem, message, path, value);
}
