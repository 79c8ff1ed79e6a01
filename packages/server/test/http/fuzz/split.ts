import { type AnyEndpoint } from '@rolecall/contract';

/** The endpoints of roles, members and grants: about half of the work. The others are the other half. */
export function isOfRoles({ path }: AnyEndpoint): boolean {
  return /^\/v1\/organizations\/\{org\}\/(?:roles|members|grants)/.test(path);
}
