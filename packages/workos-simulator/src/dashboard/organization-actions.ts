import { z } from 'zod';
import {
  createOrganization,
  deleteOrganization,
  emit,
  getRole,
  updateOrganization,
  type World,
} from '../state/index.ts';
import { organizationJson } from '../wire/index.ts';
import { action } from './action.ts';
import { organizationOf, organizationReference } from './references.ts';

const metadata = z.record(z.string(), z.string().nullable()).nullable().optional();

/** What is done to organizations and to the environment as a whole. */
export const organizationActions = {
  createOrganization: action(
    z.object({ name: z.string(), externalId: z.string().optional(), metadata }),
    (world, input) => organizationJson(createOrganization(world, input)),
  ),
  updateOrganization: action(
    z.object({
      organization: organizationReference,
      name: z.string().optional(),
      externalId: z.string().nullable().optional(),
      metadata,
    }),
    (world, { organization, ...change }) =>
      organizationJson(updateOrganization(world, organizationOf(world, organization), change)),
  ),
  renameOrganization: action(
    z.object({ organization: organizationReference, name: z.string() }),
    (world, { organization, name }) =>
      organizationJson(updateOrganization(world, organizationOf(world, organization), { name })),
  ),
  deleteOrganization: action(z.object({ organization: organizationReference }), (world, input) => {
    const organization = organizationOf(world, input.organization);
    deleteOrganization(world, organization);
    return organizationJson(organization);
  }),
  /** Whether a membership may hold several roles. Those that do keep them until they are next changed. */
  setMultipleRoles: action(z.object({ enabled: z.boolean() }), (world, { enabled }) => {
    world.settings.multipleRoles = enabled;
    return settingsJson(world);
  }),
  setDefaultRole: action(z.object({ slug: z.string() }), (world, { slug }) => {
    world.settings.defaultRoleSlug = getRole(world, null, slug).slug;
    return settingsJson(world);
  }),
  setRolePriority: action(z.object({ slugs: z.array(z.string()) }), (world, { slugs }) => {
    world.settings.rolePriority = slugs;
    return settingsJson(world);
  }),
  /** Puts any event into the stream: unknown types, broken payloads, phantoms. It changes nothing else. */
  emitEvent: action(
    z.object({
      event: z.string(),
      data: z.record(z.string(), z.unknown()),
      organization: z.string().nullable().optional(),
    }),
    (world, { event, data, organization }) => ({
      id: emit(world, event, data, organization ?? null),
    }),
  ),
};

function settingsJson(world: World): Readonly<Record<string, unknown>> {
  const { environmentId, multipleRoles, defaultRoleSlug, rolePriority } = world.settings;
  return { id: environmentId, multipleRoles, defaultRoleSlug, rolePriority };
}
