/** What is wrong with a policy's definition. */
export type PolicyProblem =
  | 'malformed_name'
  | 'reserved_name'
  | 'no_actions'
  | 'unknown_action'
  | 'implication_cycle'
  | 'malformed_value'
  | 'repeated'
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
  'not_an_object' | 'unknown_scope' | 'internal_scope' | 'unknown_effect' | 'deny_refused';

/** What is wrong with a check. */
export type CheckProblem =
  | 'unknown_scope'
  | 'internal_scope'
  | 'not_concrete'
  | 'not_the_organization'
  | 'unknown_dimension'
  | 'unknown_value'
  | 'absent_dimension';

/** The typed details of each error code. `path` is where in the input; `value` is what was found there. */
export interface PolicyErrorDetails {
  readonly invalid_policy: Details<PolicyProblem>;
  readonly invalid_principal: Details<PrincipalProblem>;
  readonly invalid_selector: Details<SelectorProblem>;
  readonly invalid_grant: Details<GrantProblem>;
  readonly invalid_check: Details<CheckProblem>;
}

interface Details<Problem extends string> {
  readonly path: string;
  readonly problem: Problem;
  readonly value?: string;
}

export type PolicyErrorCode = keyof PolicyErrorDetails;

/** Every refusal of this package. The caller can fix all of them: none is an outage, and none is a denial. */
export class PolicyError<Code extends PolicyErrorCode = PolicyErrorCode> extends Error {
  readonly code: Code;
  readonly details: PolicyErrorDetails[Code];

  constructor(code: Code, message: string, details: PolicyErrorDetails[Code]) {
    super(`${message} at ${details.path}`);
    this.name = 'PolicyError';
    this.code = code;
    this.details = details;
  }
}

const LONGEST_QUOTE = 120;

/** Shows a value of any type in a message: short, and unmistakably a quotation. */
export function quote(value: unknown): string {
  return `\`${printed(value)}\``;
}

/** A value as the text that goes into an error's details. */
export function printed(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? kindOfObject(value) : String(value);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

// Not serialized: what was passed by mistake may be of any size, or refer to itself.
function kindOfObject(value: object): string {
  return Array.isArray(value) ? '[…]' : '{…}';
}
