import type { Hono } from 'hono';
import { z } from 'zod';
import {
  createEnvironmentRole,
  createOrganizationRole,
  deleteOrganizationRole,
  findRoleOf,
  getOrganization,
  getRole,
  listEnvironmentRoles,
  listRolesOf,
  notFound,
  type Role,
  updateRole,
  type World,
} from '../state/index.ts';
import { type Json, roleJson } from '../wire/index.ts';
import { pathParameter, readBody, requiredText, text } from './input.ts';

const ENVIRONMENT = '/authorization/roles';
const ORGANIZATION = '/authorization/organizations/:organizationId/roles';

const updateBody = z.object({
  name: requiredText(48).optional(),
  description: text(150).nullable().optional(),
});
const createBody = updateBody.extend({
  name: requiredText(48),
  slug: requiredText(48).optional(),
  resource_type_slug: z.literal('organization').optional(),
});
const createEnvironmentBody = createBody.extend({ slug: requiredText(48) });

/** `/authorization/roles`: roles of the environment. They are deleted in the dashboard only. */
export function environmentRoleRoutes(app: Hono, world: World): void {
  app.get(ENVIRONMENT, (c) => c.json(roleList(listEnvironmentRoles(world))));

  app.post(ENVIRONMENT, async (c) => {
    const body = await readBody(c, createEnvironmentBody);
    return c.json(roleJson(createEnvironmentRole(world, body)), 201);
  });

  app.get(`${ENVIRONMENT}/:slug`, (c) =>
    c.json(roleJson(getRole(world, null, pathParameter(c, 'slug')))),
  );

  app.patch(`${ENVIRONMENT}/:slug`, async (c) => {
    const body = await readBody(c, updateBody);
    return c.json(
      roleJson(updateRole(world, getRole(world, null, pathParameter(c, 'slug')), body)),
    );
  });
}

/** `/authorization/organizations/{id}/roles`: an organization's own roles, and those it inherits. */
export function organizationRoleRoutes(app: Hono, world: World): void {
  app.get(ORGANIZATION, (c) => {
    const organization = getOrganization(world, pathParameter(c, 'organizationId'));
    return c.json(roleList(listRolesOf(world, organization.id)));
  });

  app.post(ORGANIZATION, async (c) => {
    const body = await readBody(c, createBody);
    const organization = getOrganization(world, pathParameter(c, 'organizationId'));
    return c.json(roleJson(createOrganizationRole(world, organization.id, body)), 201);
  });

  app.get(`${ORGANIZATION}/:slug`, (c) => {
    const organization = getOrganization(world, pathParameter(c, 'organizationId'));
    const slug = pathParameter(c, 'slug');
    const role = findRoleOf(world, organization.id, slug);
    if (!role) throw notFound('Role', slug);
    return c.json(roleJson(role));
  });

  app.patch(`${ORGANIZATION}/:slug`, async (c) => {
    const body = await readBody(c, updateBody);
    const organization = getOrganization(world, pathParameter(c, 'organizationId'));
    const role = getRole(world, organization.id, pathParameter(c, 'slug'));
    return c.json(roleJson(updateRole(world, role, body)));
  });

  app.delete(`${ORGANIZATION}/:slug`, (c) => {
    const organization = getOrganization(world, pathParameter(c, 'organizationId'));
    deleteOrganizationRole(world, getRole(world, organization.id, pathParameter(c, 'slug')));
    return c.body(null, 204);
  });
}

/** Lists of roles are whole: they have neither pages nor cursors. */
function roleList(roles: readonly Role[]): Json {
  return { object: 'list', data: roles.map(roleJson) };
}
