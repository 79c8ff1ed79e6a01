import { type GrantPayload } from '@rolecall/policy';
import { type RoleKind } from '../database/index.ts';

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
  readonly description?: string | null;
  readonly grants: readonly GrantPayload[];
  readonly memberIds?: readonly string[];
}

/** What of a role is replaced. `grants` and `memberIds` replace the whole list. */
export interface RoleChange extends Partial<NewRole> {
  readonly roleId: string;
  /** Only when the role still has this version. */
  readonly ifMatch?: number;
}
