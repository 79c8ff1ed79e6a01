import { defect } from '../errors/index.ts';
import { type OrganizationLock } from '../identity/index.ts';

/** The role that a member gets who would otherwise hold none. */
export function requireMemberRole({ organizationId, memberRoleId }: OrganizationLock): string {
  if (memberRoleId !== null) return memberRoleId;
  throw defect(`the organization \`${organizationId}\` has no role \`member\``);
}
