import { createRolecall } from '@rolecall/server';
import { type SeededIds, seedMany } from '@rolecall/testkit';
import { type BenchDatabase } from '../bench-database.ts';
import { type PreparedRequest } from '../load/request-bytes.ts';

const ORGANIZATIONS = 20;
const MEMBERS = 200;
const ROLES = 20;
const ROLES_HELD = 3;

/** How many requests go round, each of a member of its own. */
export const PREPARED = 256;

/** Who is asked about, and by whom. */
export interface CheckedMembers {
  readonly ids: SeededIds;
  readonly key: string;
  readonly description: string;
}

/** Makes 20 organizations of 200 members with three roles each, and a key that may ask about them. */
export async function seedCheckedMembers(postgres: BenchDatabase): Promise<CheckedMembers> {
  const ids = await seedMany(postgres.url, {
    organizations: ORGANIZATIONS,
    membersPerOrganization: MEMBERS,
    rolesPerOrganization: ROLES,
    rolesPerMember: ROLES_HELD,
  });
  const rolecall = createRolecall({ database: postgres.open(1) });
  const { value } = await rolecall.roles.createApiKey({ scope: 'check', name: 'bench' }, {});
  await rolecall.close();
  const description = `${String(PREPARED)} requests go round, of as many members of ${String(ORGANIZATIONS)} organizations; about half of the checks are allowed`;
  return { ids, key: value.key, description };
}

/** Requests of so many checks; every other check is of a role that the member holds. */
export function prepareChecks(
  { ids, key }: CheckedMembers,
  checks: number,
): readonly PreparedRequest[] {
  return Array.from({ length: PREPARED }, (_, turn) => {
    const organization = 1 + ((turn * 31) % ORGANIZATIONS);
    const member = 2 + ((turn * 7919) % (MEMBERS - 2));
    const roleOf = (nth: number): number =>
      ((turn + nth) % 2 === 0 ? member + (nth % ROLES_HELD) + 1 : turn + nth) % ROLES;
    const body = {
      principal: `user:${ids.user(organization, member)}`,
      require: 'any',
      checks: Array.from({ length: checks }, (_, nth) => ({
        scope: 'project:read',
        resource_id: ids.project(1 + roleOf(nth), 1 + (nth % 10)),
      })),
    };
    return {
      path: `/v1/organizations/${ids.organization(organization)}/check`,
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    };
  });
}
