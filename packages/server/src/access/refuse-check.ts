import { PolicyError } from '@rolecall/policy';
import { defect, type Problem, refusal, type RolecallError } from '../errors/index.ts';

/** The place in a request of what a check's own path names (`scope`, `resource_id`, `dimensions.tool`). */
export type PlaceOf = (path: string) => string;

/** What a question threw, as a problem at its place; anything but an invalid check is thrown on. */
export function problemOf(error: unknown, placeOf: PlaceOf): Problem {
  const problem = asPolicyError(error);
  if (problem === undefined) throw error;
  if (problem.code !== 'invalid_check') throw unreadableDeny(problem);
  return { path: placeOf(problem.details.path), message: withoutPlace(problem) };
}

/** The refusal of questions that are not questions. */
export function refuseChecks(problems: readonly Problem[]): RolecallError {
  const [first] = problems;
  const what = first === undefined ? 'no check' : `${first.message} at ${first.path}`;
  return refusal('invalid_check', what, { problems });
}

/** The refusal of one check. */
export function refuseCheck(error: unknown): RolecallError {
  return refuseChecks([problemOf(error, (path) => path)]);
}

/** A deny that the policy cannot read must have stopped the start: deciding without it could allow. */
export function unreadableDeny(error: PolicyError): RolecallError {
  return defect(`a stored deny is not readable under this policy: ${error.message}`, error);
}

/** A refusal of the policy package, if it is one. */
export function asPolicyError(error: unknown): PolicyError | undefined {
  return error instanceof PolicyError ? error : undefined;
}

// The policy's message ends with the check's own path; the problem names its place in the request.
function withoutPlace({ message, details }: PolicyError): string {
  const suffix = ` at ${details.path}`;
  return message.endsWith(suffix) ? message.slice(0, -suffix.length) : message;
}
