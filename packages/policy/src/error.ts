/** What is wrong with a policy's definition. */
export type PolicyProblem =
  | 'not_an_object'
  | 'unknown_key'
  | 'malformed_name'
  | 'reserved_name'
  | 'no_actions'
  | 'unknown_action'
  | 'implication_cycle'
  | 'malformed_value'
  | 'unknown_scope';

/** What is wrong with a principal. */
export type PrincipalProblem = 'unknown_type' | 'malformed_id';

/** What is wrong with a selector. */
export type SelectorProblem =
  | 'not_an_object'
  | 'absent'
  | 'not_text'
  | 'wrong_kind'
  | 'not_the_organization'
  | 'unknown_dimension'
  | 'unknown_value';

/** What is wrong with a grant, apart from its selector. */
export type GrantProblem =
  'unknown_scope' | 'internal_scope' | 'unknown_effect' | 'deny_refused' | 'other_policy';

/** What is wrong with a check. */
export type CheckProblem =
  | 'unknown_scope'
  | 'internal_scope'
  | 'not_concrete'
  | 'not_the_organization'
  | 'unknown_dimension'
  | 'unknown_value'
  | 'absent_dimension';

/** The error codes, and the problems that each can name. */
interface Problems {
  readonly invalid_policy: PolicyProblem;
  readonly invalid_principal: PrincipalProblem;
  readonly invalid_selector: SelectorProblem;
  readonly invalid_grant: GrantProblem;
  readonly invalid_check: CheckProblem;
}

export type PolicyErrorCode = keyof Problems;

export interface PolicyErrorDetails<Problem = Problems[PolicyErrorCode]> {
  /** Where in the input, such as `grants[2].selectors[0].resource_id`. */
  readonly path: string;
  readonly problem: Problem;
  /** What was found there, as text. */
  readonly value?: string;
}

/** Every refusal of this package: the caller can fix each. None is an outage, and none is a denial. */
export class PolicyError extends Error {
  readonly code: PolicyErrorCode;
  readonly details: PolicyErrorDetails;

  constructor(code: PolicyErrorCode, message: string, details: PolicyErrorDetails) {
    super(`${message} at ${details.path}`);
    this.name = 'PolicyError';
    this.code = code;
    this.details = details;
  }
}

/** Makes an error whose problem is one of its code. The value is quoted in the details as text. */
export function policyError<Code extends PolicyErrorCode>(
  code: Code,
  problem: Problems[Code],
  message: string,
  path: string,
  value?: unknown,
): PolicyError {
  const details = { path, problem, ...(value !== undefined && { value: printed(value) }) };
  return new PolicyError(code, message, details);
}

const LONGEST_QUOTE = 120;

/** Shows a value of any type in a message: short, and unmistakably a quotation. */
export function quote(value: unknown): string {
  return `\`${printed(value)}\``;
}

function printed(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? kindOfObject(value) : String(value);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

// Not serialized: what was passed by mistake may be of any size, or refer to itself.
function kindOfObject(value: object): string {
  return Array.isArray(value) ? '[…]' : '{…}';
}
