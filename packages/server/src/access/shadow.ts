import {
  type Check,
  type Decision,
  type Dimensions,
  type Explanation,
  type Reason,
  type Standing,
} from '@rolecall/policy';
import { type PrincipalHandle } from './principal-handle.ts';

/** An answer that was yes because enforcement is `shadow`, and would have been no under `enforced`. */
export interface ShadowDenial {
  readonly organizationId: string;
  readonly principal: string;
  readonly check: Check;
  /** Why it would have been denied. */
  readonly reason: Reason;
  /** The token of the state that answered. */
  readonly revision: string;
}

/** Is told about every such answer, at once; what it throws is lost. */
export type ShadowRecorder = (denial: ShadowDenial) => void;

/** The same handle, which tells the recorder what it let pass; itself where nothing is shadowed. */
export function recordShadow<Scope extends string>(
  handle: PrincipalHandle<Scope>,
  record: ShadowRecorder,
): PrincipalHandle<Scope> {
  return handle.standing.enforcement === 'shadow' ? new RecordedHandle(handle, record) : handle;
}

class RecordedHandle<Scope extends string> implements PrincipalHandle<Scope> {
  readonly organizationId: string;
  readonly principal: string;
  readonly revision: string;
  readonly standing: Standing;
  readonly #handle: PrincipalHandle<Scope>;
  readonly #record: ShadowRecorder;

  constructor(handle: PrincipalHandle<Scope>, record: ShadowRecorder) {
    this.organizationId = handle.organizationId;
    this.principal = handle.principal;
    this.revision = handle.revision;
    this.standing = handle.standing;
    this.#handle = handle;
    this.#record = record;
  }

  can(scope: Scope, resourceId: string, dimensions?: Dimensions): boolean {
    return this.decide(checkOf(scope, resourceId, dimensions)).allowed;
  }

  require(scope: Scope, resourceId: string, dimensions?: Dimensions): void {
    this.#handle.require(scope, resourceId, dimensions);
    this.decide(checkOf(scope, resourceId, dimensions));
  }

  requireAny(checks: readonly Check<Scope>[]): void {
    this.#handle.requireAny(checks);
    const denied = checks.map((check) => this.#handle.decide(check));
    // One that would have been allowed is enough.
    if (denied.some(({ enforced }) => enforced?.allowed === true)) return;
    for (const check of checks) this.decide(check);
  }

  filter(scope: Scope, resourceIds: readonly string[], dimensions?: Dimensions): readonly string[] {
    const allowed = this.#handle.filter(scope, resourceIds, dimensions);
    for (const id of allowed) this.decide(checkOf(scope, id, dimensions));
    return allowed;
  }

  decide(check: Check<Scope>): Decision {
    const decision = this.#handle.decide(check);
    const { allowed, enforced } = decision;
    if (allowed && enforced?.allowed === false) this.#tell(check, enforced.reason);
    return decision;
  }

  explain(check: Check<Scope>): Explanation {
    return this.#handle.explain(check);
  }

  #tell(check: Check<Scope>, reason: Reason): void {
    const { organizationId, principal, revision } = this;
    try {
      this.#record({ organizationId, principal, check, reason, revision });
    } catch {
      // Recording must not change an answer.
    }
  }
}

function checkOf<Scope extends string>(
  scope: Scope,
  resource_id: string,
  dimensions: Dimensions | undefined,
): Check<Scope> {
  return dimensions === undefined ? { scope, resource_id } : { scope, resource_id, dimensions };
}
