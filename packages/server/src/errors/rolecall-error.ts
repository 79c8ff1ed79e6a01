import { type ErrorCode } from '@rolecall/contract';

/**
 * The three species of error: a `refusal` is the caller's to mend, an `outage` passes and may be tried
 * again, a `defect` is a broken expectation of ours.
 */
export type ErrorSpecies = 'refusal' | 'outage' | 'defect';

/** One thing that is wrong, at one place of the input (`grants[2].selectors[0].resource_id`). */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** What an error says beyond its code. All of it may be shown to the caller. */
export interface ErrorDetails {
  readonly problems?: readonly Problem[];
  readonly retryAfterSeconds?: number;
  readonly [detail: string]: unknown;
}

/** The one error class of the server; branch on `code`, never on the message. */
export class RolecallError extends Error {
  override readonly name = 'RolecallError';
  readonly code: ErrorCode;
  readonly species: ErrorSpecies;
  readonly details: ErrorDetails;

  constructor(
    species: ErrorSpecies,
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.species = species;
    this.code = code;
    this.details = details;
  }
}

/** Whether a thrown value is an error of ours with this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof RolecallError && error.code === code;
}

/** An error that the caller can mend. */
export function refusal(code: ErrorCode, message: string, details?: ErrorDetails): RolecallError {
  return new RolecallError('refusal', code, message, details);
}

/** An error that passes; `cause` is kept for the log and never shown. */
export function outage(
  code: ErrorCode,
  message: string,
  retryAfterSeconds: number,
  cause?: unknown,
): RolecallError {
  return new RolecallError('outage', code, message, { retryAfterSeconds }, cause);
}

/** A broken expectation of ours. */
export function defect(message: string, cause?: unknown): RolecallError {
  return new RolecallError('defect', 'internal', `BUG: ${message}`, {}, cause);
}
