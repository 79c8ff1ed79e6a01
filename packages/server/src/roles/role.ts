import { type GrantPayload } from '@rolecall/policy';
import { type JsonValue, type RoleKind } from '../database/index.ts';

/** A named set of grants, as one organization has it. */
export interface Role {
  readonly id: string;
  readonly kind: RoleKind;
  /** `role:<kind>:<id>`. */
  readonly principal: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly grants: readonly GrantPayload[];
  readonly memberCount: number;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a role is made from. `memberIds` are user ids of live members. */
export interface NewRole {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly grants: readonly GrantPayload[];
  readonly memberIds?: readonly string[] | undefined;
}

/** What of a role is replaced. `grants` and `memberIds` replace the whole list. */
export interface RoleChange {
  readonly roleId: string;
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly grants?: readonly GrantPayload[] | undefined;
  readonly memberIds?: readonly string[] | undefined;
  /** Only when the role still has this version. */
  readonly ifMatch?: number | undefined;
}

/** A role in the shape of the API, for the history. */
export function roleShape(role: Role): Readonly<Record<string, JsonValue>> {
  return {
    id: role.id,
    kind: role.kind,
    principal: role.principal,
    slug: role.slug,
    name: role.name,
    description: role.description,
    grants: grantsShape(role.grants),
    member_count: role.memberCount,
    version: role.version,
    created_at: role.createdAt,
    updated_at: role.updatedAt,
  };
}

/** Grants in the shape of the API; the effect is always said. */
export function grantsShape(grants: readonly GrantPayload[]): JsonValue {
  return grants.map(({ scope, effect = 'allow', selectors }) => ({
    scope,
    effect,
    ...(selectors && { selectors }),
  }));
}
