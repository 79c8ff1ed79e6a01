import { type Check, type Decision } from '@rolecall/policy';
import { type Problem, RolecallError } from '../errors/index.ts';
import {
  type CheckRequest,
  type CheckResult,
  type FilterRequest,
  type FilterResult,
} from './check-request.ts';
import { noChecks, type PrincipalHandle } from './principal-handle.ts';
import { refuseChecks } from './refuse-check.ts';

/** Answers every check of a request from one handle. Throws `invalid_check` with all that are not checks. */
export function answerChecks<Scope extends string>(
  handle: PrincipalHandle<Scope>,
  { checks, require = 'all' }: CheckRequest<Scope>,
): CheckResult {
  if (checks.length === 0) throw noChecks();
  const decisions = decideAll(handle, checks);
  const allowed =
    require === 'all'
      ? decisions.every((decision) => decision.allowed)
      : decisions.some((decision) => decision.allowed);
  return { allowed, decisions, revision: handle.revision };
}

/** Answers a filter from a handle. Throws `invalid_check`. */
export function answerFilter<Scope extends string>(
  handle: PrincipalHandle<Scope>,
  { scope, resourceIds, dimensions }: FilterRequest<Scope>,
): FilterResult {
  return {
    resourceIds: handle.filter(scope, resourceIds, dimensions),
    revision: handle.revision,
  };
}

function decideAll<Scope extends string>(
  handle: PrincipalHandle<Scope>,
  checks: readonly Check<Scope>[],
): readonly Decision[] {
  const problems: Problem[] = [];
  const decisions: Decision[] = [];
  for (const [index, check] of checks.entries()) {
    try {
      decisions.push(handle.decide(check));
    } catch (error) {
      if (!(error instanceof RolecallError) || error.code !== 'invalid_check') throw error;
      for (const { path, message } of error.details.problems ?? []) {
        problems.push({ path: `checks[${index}].${path}`, message });
      }
    }
  }
  if (problems.length > 0) throw refuseChecks(problems);
  return decisions;
}
