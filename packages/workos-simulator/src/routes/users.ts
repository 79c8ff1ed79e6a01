import type { Hono } from 'hono';
import { z } from 'zod';
import {
  createUser,
  deleteUser,
  getUser,
  notFound,
  OrderedIds,
  updateUser,
  type UserInput,
  type World,
} from '../state/index.ts';
import { userJson } from '../wire/index.ts';
import { emailInput, metadataInput, pathParameter, readBody, readQuery, text } from './input.ts';
import { listBody, listQuery, pageOf } from './pagination.ts';

const PATH = '/user_management/users';

const updateBody = z.object({
  email: emailInput.optional(),
  email_verified: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  external_id: text(128).nullable().optional(),
  metadata: metadataInput,
  locale: z.string().nullable().optional(),
});
const createBody = updateBody.extend({
  email: emailInput,
  email_verified: z.boolean().nullable().optional(),
  first_name: z.string().nullable().optional(),
  last_name: z.string().nullable().optional(),
});

const query = listQuery.extend({
  organization: z.string().optional(),
  organization_id: z.string().optional(),
  email: z.string().optional(),
});

/** `/user_management/users`. */
export function userRoutes(app: Hono, world: World): void {
  const { users } = world.store;

  app.get(PATH, (c) => {
    const asked = readQuery(c, query);
    const organizationId = asked.organization_id ?? asked.organization;
    const page = pageOf([matching(world, organizationId, asked.email)], asked);
    return c.json(listBody(page.ids.flatMap((id) => users.find(id) ?? []).map(userJson), page));
  });

  app.get(`${PATH}/external_id/:externalId`, (c) => {
    const externalId = pathParameter(c, 'externalId');
    const user = users.first('externalId', externalId);
    if (!user) throw notFound('User', externalId);
    return c.json(userJson(user));
  });

  app.post(PATH, async (c) => {
    const body = await readBody(c, createBody);
    return c.json(userJson(createUser(world, { ...inputOf(body), email: body.email })), 201);
  });

  app.get(`${PATH}/:id`, (c) => c.json(userJson(getUser(world, pathParameter(c, 'id')))));

  app.put(`${PATH}/:id`, async (c) => {
    const body = await readBody(c, updateBody);
    const user = getUser(world, pathParameter(c, 'id'));
    return c.json(userJson(updateUser(world, user, inputOf(body))));
  });

  app.delete(`${PATH}/:id`, (c) => {
    deleteUser(world, getUser(world, pathParameter(c, 'id')));
    return c.body(null, 200);
  });
}

function inputOf(body: z.infer<typeof updateBody> | z.infer<typeof createBody>): UserInput {
  return {
    email: body.email,
    emailVerified: body.email_verified,
    firstName: body.first_name,
    lastName: body.last_name,
    externalId: body.external_id,
    metadata: body.metadata,
    locale: body.locale,
  };
}

function matching(
  world: World,
  organizationId: string | undefined,
  email: string | undefined,
): OrderedIds {
  const { users, usersOf } = world.store;
  const members = organizationId === undefined ? users.all : usersOf.get(organizationId);
  if (email === undefined) return members ?? new OrderedIds();
  const ids = new OrderedIds();
  for (const user of users.list('email', email.toLowerCase())) {
    if (members?.has(user.id)) ids.add(user.id);
  }
  return ids;
}
