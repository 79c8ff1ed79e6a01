import type { Hono } from 'hono';
import { z } from 'zod';
import {
  badRequest,
  createMembership,
  deactivateMembership,
  findMembership,
  getMembership,
  type Membership,
  type MembershipStatus,
  notFound,
  OrderedIds,
  reactivateMembership,
  removeMembership,
  replaceRoles,
  type World,
} from '../state/index.ts';
import { type Json, membershipJson } from '../wire/index.ts';
import { commaList, pathParameter, readBody, readQuery } from './input.ts';
import { listBody, listQuery, pageOf } from './pagination.ts';

const PATH = '/user_management/organization_memberships';

const roleInput = {
  role_slug: z.string().optional(),
  role_slugs: z.array(z.string()).optional(),
};
const exclusive = {
  check: (body: { role_slug?: unknown; role_slugs?: unknown }): boolean =>
    body.role_slug === undefined || body.role_slugs === undefined,
  message: 'role_slug and role_slugs are mutually exclusive',
};
const updateBody = z.object(roleInput).refine(exclusive.check, exclusive.message);
const createBody = z
  .object({ ...roleInput, user_id: z.string(), organization_id: z.string() })
  .refine(exclusive.check, exclusive.message);

const query = listQuery.extend({
  organization_id: z.string().optional(),
  user_id: z.string().optional(),
  statuses: commaList.pipe(z.array(z.enum(['active', 'inactive', 'pending']))).default(['active']),
});

/** `/user_management/organization_memberships`. */
export function membershipRoutes(app: Hono, world: World): void {
  const show = (membership: Membership): Json => membershipJson(world.store, membership);

  app.get(PATH, (c) => {
    const asked = readQuery(c, query);
    const page = pageOf(matching(world, asked), asked);
    const data = page.ids.flatMap((id) => world.store.memberships.find(id) ?? []);
    return c.json(listBody(data.map(show), page));
  });

  app.post(PATH, async (c) => {
    const body = await readBody(c, createBody);
    const membership = createMembership(world, {
      organizationId: body.organization_id,
      userId: body.user_id,
      roleSlugs: slugsOf(body),
    });
    return c.json(show(membership), 201);
  });

  app.get(`${PATH}/:id`, (c) => c.json(show(getMembership(world, pathParameter(c, 'id')))));

  app.put(`${PATH}/:id`, async (c) => {
    const slugs = slugsOf(await readBody(c, updateBody));
    const membership = getMembership(world, pathParameter(c, 'id'));
    return c.json(show(slugs ? replaceRoles(world, membership, slugs) : membership));
  });

  app.delete(`${PATH}/:id`, (c) => {
    removeMembership(world, getMembership(world, pathParameter(c, 'id')));
    return c.body(null, 200);
  });

  app.put(`${PATH}/:id/deactivate`, (c) =>
    c.json(show(deactivateMembership(world, getMembership(world, pathParameter(c, 'id'))))),
  );

  app.put(`${PATH}/:id/reactivate`, (c) =>
    c.json(show(reactivateMembership(world, getMembership(world, pathParameter(c, 'id'))))),
  );
}

function slugsOf(body: z.infer<typeof updateBody>): readonly string[] | undefined {
  return body.role_slugs ?? (body.role_slug === undefined ? undefined : [body.role_slug]);
}

function matching(world: World, asked: z.infer<typeof query>): readonly OrderedIds[] {
  const { organizations, users, memberships } = world.store;
  const { organization_id: organizationId, user_id: userId } = asked;
  if (organizationId === undefined && userId === undefined) {
    throw badRequest('missing_user_id_or_organization_id');
  }
  if (organizationId !== undefined && !organizations.find(organizationId)) {
    throw notFound('Organization', organizationId);
  }
  if (userId !== undefined && !users.find(userId)) throw notFound('User', userId);
  const statuses: readonly MembershipStatus[] = [...new Set(asked.statuses)];
  if (organizationId === undefined) {
    return statuses.map((status) => memberships.ids('userStatus', `${userId ?? ''} ${status}`));
  }
  if (userId === undefined) {
    return statuses.map((status) =>
      memberships.ids('organizationStatus', `${organizationId} ${status}`),
    );
  }
  const ids = new OrderedIds();
  const membership = findMembership(world, organizationId, userId);
  if (membership && statuses.includes(membership.status)) ids.add(membership.id);
  return [ids];
}
