import {
  type Check,
  type Decision,
  type Dimensions,
  type Explanation,
  type Standing,
} from '@rolecall/policy';

/**
 * A principal resolved for one request: one immutable state, asked synchronously. Longer work resolves
 * again. Every question throws `invalid_check` when it is not one.
 */
export interface PrincipalHandle<Scope extends string = string> {
  readonly organizationId: string;
  readonly principal: string;
  /** The token of the state that this handle pins. */
  readonly revision: string;
  readonly standing: Standing;
  /** Whether it is allowed. Builds no string and allocates nothing. */
  can(scope: Scope, resourceId: string, dimensions?: Dimensions): boolean;
  /** Throws `permission_denied`, with the decision in its details, unless it is allowed. */
  require(scope: Scope, resourceId: string, dimensions?: Dimensions): void;
  /** Throws `permission_denied` unless one of the checks is allowed; `invalid_request` for none. */
  requireAny(checks: readonly Check<Scope>[]): void;
  /** Those of the ids that are allowed, in their order. Agrees with `can` for each. */
  filter(scope: Scope, resourceIds: readonly string[], dimensions?: Dimensions): readonly string[];
  /** The answer with its reasons. */
  decide(check: Check<Scope>): Decision;
  /** The answer in words, with what almost decided. */
  explain(check: Check<Scope>): Explanation;
}
