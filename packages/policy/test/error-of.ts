import { PolicyError } from '../src/index.ts';

/** What a refusal says, for comparing whole. Fails when nothing is refused. */
export function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { code: error.code, message: error.message, ...error.details };
  }
  throw new Error('nothing was refused');
}
