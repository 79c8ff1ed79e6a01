import { limits } from '@rolecall/contract';
import { type Grant, type GrantPayload, inspectGrants, type Policy } from '@rolecall/policy';
import { type Problem, refusal } from '../errors/index.ts';
import { identifierProblem } from '../identity/index.ts';
import { dimensionsJson } from './grants-store.ts';

/** PostgreSQL writes a space after each `:` and `,` of stored JSON, which counts towards the table's limit. */
const MAX_DIMENSION_BYTES = 1_024;

const CONTROL = /\p{Cc}/u;

/** What a payload of grants says, and everything that is wrong with it, by place. */
export interface InspectedGrants {
  readonly grants: readonly Grant[];
  readonly problems: readonly GrantsProblem[];
}

export interface GrantsProblem extends Problem {
  readonly code: 'invalid_grant' | 'invalid_selector' | 'limit_exceeded';
}

/** Judges a payload of grants: what the policy says of it, and what the tables can hold. */
export function inspectPayload(
  policy: Policy,
  organizationId: string,
  payload: readonly GrantPayload[],
  path = 'grants',
): InspectedGrants {
  const { grants, problems } = inspectGrants(policy, payload, { path, organizationId });
  const judged = problems.map(({ code, message, details }): GrantsProblem => ({
    code: code === 'invalid_selector' ? code : 'invalid_grant',
    path: details.path,
    message,
  }));
  const unstorable = grants.flatMap((grant) => storageProblem(grant, path) ?? []);
  return { grants, problems: [...judged, ...unstorable, ...countProblem(grants, path)] };
}

/** The rows of a payload of grants. Throws `invalid_grant`, `invalid_selector` or `limit_exceeded` with all problems. */
export function readGrants(
  policy: Policy,
  organizationId: string,
  payload: readonly GrantPayload[],
): readonly Grant[] {
  const { grants, problems } = inspectPayload(policy, organizationId, payload);
  const [first] = problems;
  if (first === undefined) return grants;
  throw refusal(first.code, first.message, {
    problems: problems.map(({ path, message }) => ({ path, message })),
  });
}

function countProblem(grants: readonly Grant[], path: string): readonly GrantsProblem[] {
  const most = limits.selectorsPerRole;
  if (grants.length <= most) return [];
  const message = `\`${grants.length}\` selectors are more than the limit of ${most}`;
  return [{ code: 'limit_exceeded', path, message }];
}

function storageProblem({ scope, selector }: Grant, path: string): GrantsProblem | undefined {
  const { resource_id: resourceId } = selector;
  const wrong = (message: string): GrantsProblem => ({
    code: 'invalid_selector',
    path,
    message: `the selector of \`${scope}\` for \`${resourceId}\` ${message}`,
  });
  const idProblem = resourceId === '*' ? undefined : identifierProblem(resourceId);
  if (idProblem !== undefined) return wrong(`has a \`resource_id\` that ${idProblem}`);
  const dimensions = dimensionsJson(selector);
  if (CONTROL.test(Object.values(selector).join('')) || !dimensions.isWellFormed()) {
    return wrong('contains control characters');
  }
  const spaces = 2 * Object.keys(selector).length;
  return Buffer.byteLength(dimensions) + spaces > MAX_DIMENSION_BYTES
    ? wrong('has dimensions of more than 1,024 bytes')
    : undefined;
}
