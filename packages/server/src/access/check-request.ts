import {
  type Check,
  type Decision,
  type Dimensions,
  type EffectiveScope,
  type Enforcement,
  type Explanation,
  type Membership,
} from '@rolecall/policy';
import { type ReadOptions } from './consistency.ts';

/** Questions about one principal, answered from one state. */
export interface CheckRequest<Scope extends string = string> extends ReadOptions {
  readonly principal: string;
  readonly checks: readonly Check<Scope>[];
  /** `all` unless told otherwise. */
  readonly require?: 'all' | 'any';
}

/** The answer to all checks together, and to each in the order of the request. */
export interface CheckResult {
  readonly allowed: boolean;
  readonly decisions: readonly Decision[];
  /** The token of the state that answered. */
  readonly revision: string;
}

/** Which of these resources may the principal reach? */
export interface FilterRequest<Scope extends string = string> extends ReadOptions {
  readonly principal: string;
  readonly scope: Scope;
  readonly resourceIds: readonly string[];
  readonly dimensions?: Dimensions;
}

/** Those of the resources that may be reached, in the order of the request. */
export interface FilterResult {
  readonly resourceIds: readonly string[];
  readonly revision: string;
}

/** One check to be explained. The principal may also be a role. */
export interface ExplainRequest<Scope extends string = string> extends ReadOptions {
  readonly principal: string;
  readonly check: Check<Scope>;
}

/** The decision, why in words, the near misses, and the state that answered. */
export interface ExplainResult extends Explanation {
  readonly revision: string;
}

/** What a member holds, directly and through roles, by scope. */
export interface EffectiveGrants<Scope extends string = string> {
  readonly principal: string;
  readonly membership: Membership;
  readonly enforcement: Enforcement;
  readonly scopes: readonly EffectiveScope<Scope>[];
  readonly revision: string;
}
