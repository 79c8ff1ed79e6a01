import { type Effect, type GrantPayload, type Selector } from '@rolecall/policy';
import { type JsonValue } from '../database/index.ts';

/** A grant that a user or an API key holds directly, not through a role. */
export interface DirectGrant {
  readonly id: string;
  /** `user:<id>` or `api_key:<id>`. */
  readonly principal: string;
  readonly scope: string;
  readonly effect: Effect;
  readonly selector: Selector;
  readonly createdAt: string;
}

/** Grants that one principal is given, or that are taken from it. */
export interface DirectGrants {
  readonly principal: string;
  readonly grants: readonly GrantPayload[];
}

/** A direct grant in the shape of the API, for the history. */
export function grantShape(grant: DirectGrant): JsonValue {
  return {
    id: grant.id,
    principal: grant.principal,
    scope: grant.scope,
    effect: grant.effect,
    selector: grant.selector,
    created_at: grant.createdAt,
  };
}
