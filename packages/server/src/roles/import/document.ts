import { type GrantPayload } from '@rolecall/policy';

/** A whole organization as a document: its roles by key, and its members with the keys of their roles. */
export interface ImportDocument {
  /** `id`, if given, equals the organization that is imported into. An import renames no organization. */
  readonly organization?:
    { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
  readonly roles?: readonly ImportedRole[] | undefined;
  readonly members?: readonly ImportedMember[] | undefined;
}

export interface ImportedRole {
  /** Names the role within the document and in the next import. */
  readonly key: string;
  readonly name: string;
  /** Absent: as it is. Null: none. */
  readonly description?: string | null | undefined;
  readonly grants: readonly GrantPayload[];
}

export interface ImportedMember {
  readonly id: string;
  readonly email: string;
  readonly name?: string | null | undefined;
  /** Keys of roles in this document or an earlier one, or `admin` and `member`. */
  readonly roles: readonly string[];
}

/** What an import did. All zero when everything was there already. */
export interface ImportResult {
  readonly rolesCreated: number;
  readonly rolesUpdated: number;
  readonly grantsCreated: number;
  readonly membersCreated: number;
  /** Existing members whose profile or roles changed. */
  readonly membersUpdated: number;
  readonly assignmentsCreated: number;
}
