import { type ErrorCode, type Problem, problemKinds, problemType } from '@rolecall/contract';
import { PolicyError } from '@rolecall/policy';
import { RolecallError } from '../errors/index.ts';

/** A problem and the headers that belong to it. */
export interface ProblemReply {
  readonly problem: Omit<Problem, 'request_id'>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What a caller is told of an error. Refusals and outages speak for themselves; of everything else, which
 * may carry a vendor's words, only the code is told.
 */
export function problemOf(error: unknown): ProblemReply {
  if (error instanceof RolecallError && error.species !== 'defect') {
    return { problem: describe(error.code, error.message, error), headers: headersOf(error) };
  }
  if (isPolicyError(error)) {
    const { code, message, details } = error;
    const problems = [{ path: details.path, message }];
    if (problemKinds[code].status < 500) {
      return { problem: { ...describe(code, message), problems }, headers: {} };
    }
  }
  return { problem: describe('internal', 'an expectation of Rolecall did not hold'), headers: {} };
}

function isPolicyError(error: unknown): error is PolicyError {
  return error instanceof PolicyError;
}

function describe(
  code: ErrorCode,
  detail: string,
  error?: RolecallError,
): Omit<Problem, 'request_id'> {
  const { status, title } = problemKinds[code];
  const problems = error?.details.problems;
  return {
    type: problemType(code),
    title,
    status,
    code,
    detail,
    ...(problems !== undefined && {
      problems: problems.map(({ path, message }) => ({ path, message })),
    }),
  };
}

function headersOf({ code, details, species }: RolecallError): Record<string, string> {
  const { retryAfterSeconds, allow } = details;
  return {
    ...(code === 'unauthenticated' && { 'WWW-Authenticate': 'Bearer' }),
    ...(typeof allow === 'string' && { Allow: allow }),
    ...((species === 'outage' || retryAfterSeconds !== undefined) && {
      'Retry-After': String(Math.max(1, Math.ceil(retryAfterSeconds ?? 1))),
    }),
  };
}
