import { type EnforcementState, type Reader, type Tx } from '../database/index.ts';
import { defect } from '../errors/index.ts';
import { type Organization } from '../identity/index.ts';
import { type Page, type PageRequest } from '../paging/index.ts';
import { type ApiKey, type CreatedApiKey, type NewApiKey } from './api-key.ts';
import { type CommandContext, type Committed } from './command.ts';
import { type DirectGrant, type DirectGrants } from './direct-grant.ts';
import { type Enforcement, type Preflight } from './enforcement.ts';
import { type Member, type NewMember } from './member.ts';
import { type NewRole, type Role, type RoleChange } from './role.ts';

// The signatures of the commands, for those who call them; each moves to a file of its own.

export interface NewOrganization {
  readonly id?: string;
  readonly name: string;
  readonly workosId?: string | null;
  /** `enforced` unless told otherwise; an adopted organization starts `off`. */
  readonly enforcement?: EnforcementState;
}
export interface OrganizationChange {
  readonly name?: string;
  readonly workosId?: string | null;
}
export interface RoleFilter {
  readonly search?: string;
  readonly kind?: 'global' | 'organization';
}
export interface MemberFilter {
  readonly search?: string;
  readonly roleId?: string;
  readonly status?: 'pending' | 'active' | 'inactive';
}
export interface ImportResult {
  readonly rolesCreated: number;
  readonly rolesUpdated: number;
  readonly grantsCreated: number;
  readonly membersCreated: number;
  readonly membersUpdated: number;
  readonly assignmentsCreated: number;
}
type Command<Args, Value> = (
  tx: Tx,
  organizationId: string,
  args: Args,
  context: CommandContext,
) => Promise<Committed<Value>>;

const unwritten = (): Promise<never> => Promise.reject(defect('not written yet'));

export const createOrganization: (
  tx: Tx,
  args: NewOrganization,
  context: CommandContext,
) => Promise<Committed<Organization>> = unwritten;
export const updateOrganization: Command<OrganizationChange, Organization> = unwritten;
export const createRole: Command<NewRole, Role> = unwritten;
export const updateRole: Command<RoleChange, Role> = unwritten;
/** The value is the role as it was. */
export const deleteRole: Command<{ readonly roleId: string; readonly ifMatch?: number }, Role> =
  unwritten;
export const getRole: (reader: Reader, organizationId: string, roleId: string) => Promise<Role> =
  unwritten;
export const listRoles: (
  reader: Reader,
  organizationId: string,
  page: PageRequest & RoleFilter,
) => Promise<Page<Role>> = unwritten;
export const addMember: Command<NewMember, Member> = unwritten;
/** The value is the member as it was. */
export const removeMember: Command<{ readonly userId: string }, Member> = unwritten;
export const setMemberRoles: Command<
  { readonly userId: string; readonly roleIds: readonly string[] },
  Member
> = unwritten;
export const getMember: (
  reader: Reader,
  organizationId: string,
  userId: string,
) => Promise<Member> = unwritten;
export const listMembers: (
  reader: Reader,
  organizationId: string,
  page: PageRequest & MemberFilter,
) => Promise<Page<Member>> = unwritten;
/** The value is what the principal now holds directly of what was named. */
export const createGrants: Command<DirectGrants, readonly DirectGrant[]> = unwritten;
/** Takes exactly the named grants, all of them or none; the value is what was taken. */
export const deleteGrants: Command<DirectGrants, readonly DirectGrant[]> = unwritten;
export const deleteGrant: Command<{ readonly grantId: string }, DirectGrant> = unwritten;
export const listGrants: (
  reader: Reader,
  organizationId: string,
  page: PageRequest & { readonly principal?: string },
) => Promise<Page<DirectGrant>> = unwritten;
export const setEnforcement: Command<{ readonly state: EnforcementState }, Enforcement> = unwritten;
export const getEnforcement: (reader: Reader, organizationId: string) => Promise<Enforcement> =
  unwritten;
export const preflight: (reader: Reader, organizationId: string) => Promise<Preflight> = unwritten;
export const importOrganization: Command<unknown, ImportResult> = unwritten;
/** `revision` is null for a key of the whole environment. */
export const createApiKey: (
  tx: Tx,
  args: NewApiKey,
  context: CommandContext,
) => Promise<{ readonly value: CreatedApiKey; readonly revision: number | null }> = unwritten;
/** A caller of one organization names it, and then sees only its keys. */
export const revokeApiKey: (
  tx: Tx,
  args: { readonly apiKeyId: string; readonly organizationId?: string },
  context: CommandContext,
) => Promise<{ readonly value: ApiKey; readonly revision: number | null }> = unwritten;
export const listApiKeys: (
  reader: Reader,
  page: PageRequest & { readonly organizationId?: string },
) => Promise<Page<ApiKey>> = unwritten;
export const authenticateApiKey: (reader: Reader, key: string) => Promise<ApiKey | undefined> =
  unwritten;
/** Makes sure that a `manage` key of the whole environment with this secret exists; never revives a revoked one. */
export const ensureApiKey: (
  tx: Tx,
  args: { readonly key: string; readonly name: string },
  context: CommandContext,
) => Promise<{ readonly apiKey: ApiKey; readonly created: boolean }> = unwritten;
