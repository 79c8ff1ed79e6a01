import { createHash } from 'node:crypto';
import { type ApiKeyScope } from '../database/index.ts';
import { randomText, type RandomSource, secureRandom } from '../identity/index.ts';

/** 43 characters of base62 are 256 bits: one SHA-256 hides them, and nobody can guess them. */
const SECRET_CHARACTERS = 43;
const HINT_CHARACTERS = 4;

/** What is kept of a secret. */
export interface KeyMaterial {
  readonly hash: Buffer;
  readonly hint: string;
}

/** A new secret: `rk_<scope>_` and 256 random bits. */
export function generateSecret(scope: ApiKeyScope, random: RandomSource = secureRandom): string {
  return `rk_${scope}_${randomText(SECRET_CHARACTERS, random)}`;
}

/** What is kept of a secret: its SHA-256, and its last characters to tell it apart. */
export function keyMaterial(secret: string): KeyMaterial {
  return { hash: hashSecret(secret), hint: secret.slice(-HINT_CHARACTERS) };
}

/** The SHA-256 of a secret. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
