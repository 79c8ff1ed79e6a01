import type { Role } from '@rolecall/contract';
import type { ApiClient } from '../client/index.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { pages } from './paging.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The id of each role, which people name by id, slug or exact name. Throws a `CliError` when an
 * organization has no such role.
 */
export async function findRoleIds(
  api: ApiClient,
  organizationId: string,
  given: readonly string[],
): Promise<string[]> {
  if (given.every((name) => uuid.test(name))) return [...given];
  const roles = await listAllRoles(api, organizationId);
  return given.map((name) => (uuid.test(name) ? name : findRole(roles, organizationId, name).id));
}

/** The id of one role, as `findRoleIds`. */
export async function findRoleId(
  api: ApiClient,
  organizationId: string,
  given: string,
): Promise<string> {
  const [id = given] = await findRoleIds(api, organizationId, [given]);
  return id;
}

/** Every role of an organization. */
export async function listAllRoles(
  api: ApiClient,
  organizationId: string,
): Promise<readonly Role[]> {
  const { endpoints } = await import('@rolecall/contract');
  const params = { org: organizationId };
  const roles: Role[] = [];
  const everyPage = pages((query) => api.call(endpoints.listRoles, { params, query }));
  for await (const page of everyPage) roles.push(...page);
  return roles;
}

function findRole(roles: readonly Role[], organizationId: string, given: string): Role {
  const wanted = given.toLowerCase();
  const role =
    roles.find(({ slug }) => slug === given) ??
    roles.find(({ name }) => name.toLowerCase() === wanted);
  if (role !== undefined) return role;
  throw new CliError(
    exitCodes.refused,
    'role_not_found',
    `the organization \`${organizationId}\` has no role \`${given}\``,
    { advice: `see \`npx rolecall roles list ${organizationId}\`` },
  );
}
