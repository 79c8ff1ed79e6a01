import { limits } from '@rolecall/contract';
import {
  type Grant,
  type GrantPayload,
  inspectGrants,
  type Policy,
  type Selector,
} from '@rolecall/policy';
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
    message: message.replace(` at ${details.path}`, ''),
  }));
  const all = [...judged, ...storageProblems(payload, path), ...countProblem(grants, path)];
  return { grants, problems: all };
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

/** What of the selectors fits the policy, perhaps, but no table. */
function storageProblems(payload: readonly GrantPayload[], path: string): readonly GrantsProblem[] {
  return payload.flatMap(({ selectors = [] }, index) =>
    selectors.flatMap((selector, position) => {
      const message = storageProblem(selector);
      const place = `${path}[${index}].selectors[${position}]`;
      return message === undefined
        ? []
        : [{ code: 'invalid_selector' as const, path: place, message: `the selector ${message}` }];
    }),
  );
}

function storageProblem(selector: Readonly<Record<string, unknown>>): string | undefined {
  // What is no text at all is the policy's to report.
  const texts = Object.entries(selector).filter(([, value]) => typeof value === 'string');
  const { resource_id: resourceId = '*', ...dimensions } = Object.fromEntries(
    texts,
  ) as Partial<Selector>;
  const idProblem = resourceId === '*' ? undefined : identifierProblem(resourceId);
  if (idProblem !== undefined) return `has a \`resource_id\` that ${idProblem}`;
  const json = dimensionsJson(dimensions as Selector);
  const values = Object.values(dimensions).join('');
  if (CONTROL.test(values) || !values.isWellFormed()) return 'contains control characters';
  const spaces = 2 * texts.length;
  return Buffer.byteLength(json) + spaces > MAX_DIMENSION_BYTES
    ? 'has dimensions of more than 1,024 bytes'
    : undefined;
}
