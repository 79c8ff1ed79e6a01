import type { Hono } from 'hono';
import { z } from 'zod';
import {
  acceptInvitation,
  getInvitation,
  type Invitation,
  invite,
  notFound,
  OrderedIds,
  revokeInvitation,
  type World,
} from '../state/index.ts';
import { invitationJson, type Json } from '../wire/index.ts';
import { emailInput, pathParameter, readBody, readQuery } from './input.ts';
import { listBody, listQuery, pageOf } from './pagination.ts';

const PATH = '/user_management/invitations';

const createBody = z.object({
  email: emailInput,
  organization_id: z.string().optional(),
  role_slug: z.string().optional(),
  expires_in_days: z.number().int().optional(),
  inviter_user_id: z.string().optional(),
});

const query = listQuery.extend({
  organization_id: z.string().optional(),
  email: z.string().optional(),
});

/** `/user_management/invitations`, as far as pending memberships need it. */
export function invitationRoutes(app: Hono, world: World): void {
  const show = (invitation: Invitation): Json => invitationJson(invitation, world.now());

  app.get(PATH, (c) => {
    const asked = readQuery(c, query);
    const page = pageOf([matching(world, asked)], asked);
    const data = page.ids.flatMap((id) => world.store.invitations.find(id) ?? []);
    return c.json(listBody(data.map(show), page));
  });

  app.post(PATH, async (c) => {
    const body = await readBody(c, createBody);
    const invitation = invite(world, {
      email: body.email,
      organizationId: body.organization_id,
      roleSlug: body.role_slug,
      expiresInDays: body.expires_in_days,
      inviterUserId: body.inviter_user_id,
    });
    return c.json(show(invitation), 201);
  });

  app.get(`${PATH}/by_token/:token`, (c) => {
    const token = pathParameter(c, 'token');
    const invitation = world.store.invitations.first('token', token);
    if (!invitation) throw notFound('Invitation', token);
    return c.json(show(invitation));
  });

  app.get(`${PATH}/:id`, (c) => c.json(show(getInvitation(world, pathParameter(c, 'id')))));

  app.post(`${PATH}/:id/accept`, (c) =>
    c.json(show(acceptInvitation(world, getInvitation(world, pathParameter(c, 'id'))))),
  );

  app.post(`${PATH}/:id/revoke`, (c) =>
    c.json(show(revokeInvitation(world, getInvitation(world, pathParameter(c, 'id'))))),
  );
}

function matching(world: World, asked: z.infer<typeof query>): OrderedIds {
  const { invitations } = world.store;
  const { organization_id: organizationId, email } = asked;
  if (email === undefined) {
    return organizationId === undefined
      ? invitations.all
      : invitations.ids('organization', organizationId);
  }
  const ids = new OrderedIds();
  for (const invitation of invitations.list('email', email.toLowerCase())) {
    if (organizationId === undefined || invitation.organizationId === organizationId) {
      ids.add(invitation.id);
    }
  }
  return ids;
}
