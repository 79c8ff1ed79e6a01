import { organizationJson } from '../wire/index.ts';
import { disconnectDirectory } from './directories.ts';
import { removeMembership } from './memberships.ts';
import { changedExternalId, changeMetadata, type MetadataChange } from './metadata.ts';
import type { Organization, OrganizationDomain } from './records.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';
import { removeRole } from './roles.ts';
import { emit, type World } from './world.ts';

export interface OrganizationInput {
  readonly name?: string | undefined;
  readonly externalId?: string | null | undefined;
  readonly stripeCustomerId?: string | undefined;
  readonly metadata?: MetadataChange | undefined;
  readonly domains?:
    readonly { readonly domain: string; readonly state: 'pending' | 'verified' }[] | undefined;
}

/** @throws Refusal 404 */
export function getOrganization(world: World, id: string): Organization {
  const organization = world.store.organizations.find(id);
  if (!organization) throw notFound('Organization', id);
  return organization;
}

/**
 * Creates an organization.
 * @throws Refusal 400 `external_id_already_used`, `stripe_customer_id_already_used`,
 *   `invalid_metadata`; 409 for a domain of another organization
 */
export function createOrganization(
  world: World,
  input: OrganizationInput & { readonly name: string },
): Organization {
  const now = world.now();
  const empty: Organization = {
    id: world.ids.next('org'),
    name: input.name,
    domains: [],
    metadata: {},
    externalId: null,
    stripeCustomerId: null,
    createdAt: now,
    updatedAt: now,
  };
  const organization = merged(world, empty, input);
  world.store.organizations.put(organization);
  emit(world, 'organization.created', organizationJson(organization), organization.id);
  return organization;
}

/** Changes what `input` names; a change of nothing leaves no trace. Throws like `createOrganization`. */
export function updateOrganization(
  world: World,
  organization: Organization,
  input: OrganizationInput,
): Organization {
  const changed = merged(world, organization, input);
  if (JSON.stringify(changed) === JSON.stringify(organization)) return organization;
  const updated = { ...changed, updatedAt: world.now() };
  world.store.organizations.put(updated);
  emit(world, 'organization.updated', organizationJson(updated), updated.id);
  return updated;
}

/** Deletes an organization with all it has: memberships, roles, invitations, directory. */
export function deleteOrganization(world: World, organization: Organization): void {
  const { store } = world;
  for (const membership of store.memberships.list('organization', organization.id).toReversed()) {
    removeMembership(world, membership);
  }
  for (const directory of store.directories.list('organization', organization.id)) {
    disconnectDirectory(world, directory);
  }
  for (const role of store.roles.list('organization', organization.id)) removeRole(world, role);
  for (const invitation of store.invitations.list('organization', organization.id)) {
    store.invitations.delete(invitation.id);
  }
  store.organizations.delete(organization.id);
  store.usersOf.delete(organization.id);
  emit(world, 'organization.deleted', organizationJson(organization), organization.id);
}

function merged(world: World, organization: Organization, input: OrganizationInput): Organization {
  const { organizations } = world.store;
  const takenBy = (index: 'externalId' | 'stripe', key: string | null | undefined): boolean =>
    typeof key === 'string' &&
    (organizations.first(index, key)?.id ?? organization.id) !== organization.id;
  if (takenBy('externalId', input.externalId)) throw badRequest('external_id_already_used');
  if (takenBy('stripe', input.stripeCustomerId))
    throw badRequest('stripe_customer_id_already_used');
  return {
    ...organization,
    name: input.name ?? organization.name,
    externalId: changedExternalId(organization.externalId, input.externalId),
    stripeCustomerId: input.stripeCustomerId ?? organization.stripeCustomerId,
    metadata: changeMetadata(organization.metadata, input.metadata),
    domains: input.domains
      ? mergedDomains(world, organization, input.domains)
      : organization.domains,
  };
}

function mergedDomains(
  world: World,
  organization: Organization,
  domains: NonNullable<OrganizationInput['domains']>,
): readonly OrganizationDomain[] {
  return domains.map(({ domain, state }) => {
    const owner = world.store.organizations.first('domain', domain);
    if (owner && owner.id !== organization.id) {
      throw new Refusal(409, { message: `The domain ${domain} belongs to another organization.` });
    }
    const known = organization.domains.find((candidate) => candidate.domain === domain);
    const now = world.now();
    return known?.state === state
      ? known
      : {
          id: known?.id ?? world.ids.next('org_domain'),
          domain,
          state,
          createdAt: known?.createdAt ?? now,
          updatedAt: now,
        };
  });
}
