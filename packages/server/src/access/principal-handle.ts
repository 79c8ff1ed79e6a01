import {
  type Check,
  type CompiledGrants,
  type Decision,
  type Dimensions,
  explain,
  type Explanation,
  type Policy,
  settle,
  type Standing,
  standingAnswer,
} from '@rolecall/policy';
import { type Problem, refusal } from '../errors/index.ts';
import { type GrantBlock, readGrants } from './load-text.ts';
import { type DecisionRecorder, type RecordedHandle } from './decision-recorder.ts';
import { problemOf, refuseCheck, refuseChecks } from './refuse-check.ts';

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
  /** Throws `permission_denied`, with the check and the reason in its details, unless it is allowed. */
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

/** The state that a handle pins: everything that one or more principals share at one revision. */
export interface PinnedState<Scope extends string = string> {
  readonly organizationId: string;
  readonly policy: Policy<Scope>;
  /** The token of the revision. */
  readonly token: string;
}

/** What is the principal's own. */
export interface PinnedPrincipal<Scope extends string = string> {
  readonly principal: string;
  readonly standing: Standing;
  readonly grants: CompiledGrants<Scope>;
  /** The same grants as they were loaded, for words. */
  readonly blocks: readonly GrantBlock[];
}

/** Makes the handle of a principal at a state. */
export function pinPrincipal<Scope extends string>(
  state: PinnedState<Scope>,
  own: PinnedPrincipal<Scope>,
): PrincipalHandle<Scope> {
  return new Handle(state, own);
}

class Handle<Scope extends string> implements PrincipalHandle<Scope>, RecordedHandle {
  readonly #state: PinnedState<Scope>;
  readonly principal: string;
  readonly standing: Standing;
  readonly #grants: CompiledGrants<Scope>;
  readonly #blocks: readonly GrantBlock[];
  /** The answer to every valid check where the standing alone gives it. */
  readonly #answer: boolean | undefined;
  #recorder: DecisionRecorder | undefined;

  constructor(state: PinnedState<Scope>, own: PinnedPrincipal<Scope>) {
    this.#state = state;
    this.principal = own.principal;
    this.standing = own.standing;
    this.#grants = own.grants;
    this.#blocks = own.blocks;
    this.#answer = standingAnswer(own.standing);
  }

  /** Has what this handle answers recorded; where enforcement is `off` there is nothing to record. */
  static record(handle: PrincipalHandle, recorder: DecisionRecorder): void {
    if (#recorder in handle && handle.standing.enforcement !== 'off') handle.#recorder = recorder;
  }

  get organizationId(): string {
    return this.#state.organizationId;
  }

  get revision(): string {
    return this.#state.token;
  }

  can(scope: Scope, resourceId: string, dimensions?: Dimensions): boolean {
    let granted: boolean;
    try {
      granted = this.#grants.can(scope, resourceId, dimensions);
    } catch (error) {
      throw refuseCheck(error);
    }
    if (this.#recorder !== undefined) this.#note(granted, scope, resourceId, dimensions);
    return this.#answer ?? granted;
  }

  require(scope: Scope, resourceId: string, dimensions?: Dimensions): void {
    if (this.can(scope, resourceId, dimensions)) return;
    const check = { scope, resource_id: resourceId, ...(dimensions && { dimensions }) };
    throw this.#denied([check]);
  }

  requireAny(checks: readonly Check<Scope>[]): void {
    if (checks.length === 0) throw noChecks();
    const problems: Problem[] = [];
    let granted: Check<Scope> | undefined;
    for (const [index, check] of checks.entries()) {
      try {
        // Every check is asked, so that an invalid one is refused wherever it stands.
        const { scope, resource_id, dimensions } = check;
        if (this.#grants.can(scope, resource_id, dimensions)) granted ??= check;
      } catch (error) {
        problems.push(problemOf(error, (path) => `checks[${index}].${path}`));
      }
    }
    if (problems.length > 0) throw refuseChecks(problems);
    // One that is allowed is enough: only where none is, was anything denied.
    for (const check of granted === undefined ? checks : [granted]) {
      this.#note(granted !== undefined, check.scope, check.resource_id, check.dimensions);
    }
    if (!(this.#answer ?? granted !== undefined)) throw this.#denied(checks);
  }

  filter(scope: Scope, resourceIds: readonly string[], dimensions?: Dimensions): readonly string[] {
    const problems: Problem[] = [];
    const allowed: string[] = [];
    // Without ids the scope and dimensions are a question still; the organization's id is always one.
    if (resourceIds.length === 0) this.can(scope, this.organizationId, dimensions);
    for (const [index, id] of resourceIds.entries()) {
      try {
        const granted = this.#grants.can(scope, id, dimensions);
        // Leaving something out of a list refuses nobody; but in shadow it would be new.
        if (!granted && this.#answer === true) this.#note(false, scope, id, dimensions);
        if (this.#answer ?? granted) allowed.push(id);
      } catch (error) {
        const problem = problemOf(error, (path) => path);
        if (problem.path !== 'resource_id') throw refuseChecks([problem]);
        problems.push({ ...problem, path: `resource_ids[${index}]` });
      }
    }
    if (problems.length > 0) throw refuseChecks(problems);
    return allowed;
  }

  decide(check: Check<Scope>): Decision {
    const decision = this.answerOf(check);
    const { allowed } = decision.enforced ?? decision;
    this.#note(allowed, check.scope, check.resource_id, check.dimensions);
    return decision;
  }

  explain(check: Check<Scope>): Explanation {
    const { policy, organizationId } = this.#state;
    const rows = this.#blocks.flatMap(readGrants);
    try {
      return explain(policy, this.standing, rows, check, organizationId);
    } catch (error) {
      throw refuseCheck(error);
    }
  }

  answerOf(check: Check<Scope>): Decision {
    try {
      return settle(this.standing, this.#grants.decide(check));
    } catch (error) {
      throw refuseCheck(error);
    }
  }

  #note(granted: boolean, scope: Scope, id: string, dimensions: Dimensions | undefined): void {
    if (this.#recorder === undefined) return;
    const { membership } = this.standing;
    // Under `enforced` the grants decide; but without a membership nothing is allowed.
    if (granted && standingAnswer({ membership, enforcement: 'enforced' }) === undefined) {
      this.#recorder.allowed(this, scope, id, dimensions);
    } else {
      this.#recorder.denied(this, scope, id, dimensions);
    }
  }

  #denied(checks: readonly Check<Scope>[]): Error {
    const denials = checks.map((check) => ({ check, reason: this.answerOf(check).reason }));
    const asked = denials.map(({ check }) => `\`${check.scope}\` of \`${check.resource_id}\``);
    return refusal('permission_denied', `${this.principal} may not ${asked.join(' or ')}`, {
      principal: this.principal,
      organizationId: this.organizationId,
      denials,
    });
  }
}

/** Has what a handle answers recorded. */
export function recordAnswers(handle: PrincipalHandle, recorder: DecisionRecorder): void {
  Handle.record(handle, recorder);
}

/** The refusal of a question without any check: neither yes nor no would be right. */
export function noChecks(): Error {
  const message = 'there is nothing to check';
  return refusal('invalid_request', message, { problems: [{ path: 'checks', message }] });
}
