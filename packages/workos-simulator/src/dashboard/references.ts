import { z } from 'zod';
import {
  type DirectoryGroup,
  findMembership,
  findUserByEmail,
  getDirectoryOf,
  getMembership,
  type Membership,
  notFound,
  type Organization,
  type User,
  type World,
} from '../state/index.ts';

/** An organization: its id, its external id or its exact name. */
export const organizationReference = z.string();

/** A user: the id, the external id or the address. */
export const userReference = z.string();

/** A membership: its id, or organization and user. */
export const memberReference = {
  membership: z.string().optional(),
  organization: organizationReference.optional(),
  user: userReference.optional(),
};

export interface MemberReference {
  readonly membership?: string | undefined;
  readonly organization?: string | undefined;
  readonly user?: string | undefined;
}

/** @throws Refusal 404 */
export function organizationOf(world: World, reference: string): Organization {
  const { organizations } = world.store;
  const found =
    organizations.find(reference) ??
    organizations.first('externalId', reference) ??
    organizations.first('name', reference);
  if (!found) throw notFound('Organization', reference);
  return found;
}

/** @throws Refusal 404 */
export function userOf(world: World, reference: string): User {
  const { users } = world.store;
  const found =
    users.find(reference) ??
    users.first('externalId', reference) ??
    findUserByEmail(world, reference);
  if (!found) throw notFound('User', reference);
  return found;
}

/** @throws Refusal 404 */
export function memberOf(world: World, reference: MemberReference): Membership {
  if (reference.membership !== undefined) return getMembership(world, reference.membership);
  const organization = organizationOf(world, reference.organization ?? '');
  const user = userOf(world, reference.user ?? '');
  const found = findMembership(world, organization.id, user.id);
  if (!found) throw notFound('Organization membership', `${organization.id} ${user.id}`);
  return found;
}

/** A group of an organization's directory, by id or name. @throws Refusal 404 */
export function groupOf(world: World, organizationId: string, reference: string): DirectoryGroup {
  const directory = getDirectoryOf(world, organizationId);
  const found = world.store.directoryGroups
    .list('directory', directory.id)
    .find((group) => group.id === reference || group.name === reference);
  if (!found) throw notFound('Directory group', reference);
  return found;
}
