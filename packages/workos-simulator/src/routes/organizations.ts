import type { Context, Hono } from 'hono';
import { z } from 'zod';
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  notFound,
  OrderedIds,
  type OrganizationInput,
  updateOrganization,
  type World,
} from '../state/index.ts';
import { organizationJson } from '../wire/index.ts';
import {
  commaList,
  metadataInput,
  pathParameter,
  readBody,
  readQuery,
  requiredText,
  text,
} from './input.ts';
import { listBody, listQuery, pageOf } from './pagination.ts';

const updateBody = z.object({
  name: requiredText().optional(),
  domains: z.array(z.string()).optional(),
  domain_data: z
    .array(z.object({ domain: z.string(), state: z.enum(['pending', 'verified']) }))
    .optional(),
  metadata: metadataInput,
  external_id: text(128).nullable().optional(),
  stripe_customer_id: z.string().optional(),
});
const createBody = updateBody.extend({ name: requiredText() });

const query = listQuery.extend({ domains: commaList.optional(), search: z.string().optional() });

/** `/organizations`. */
export function organizationRoutes(app: Hono, world: World): void {
  const { organizations } = world.store;

  app.get('/organizations', (c) => {
    const asked = readQuery(c, query);
    const page = pageOf([matching(world, asked.domains, asked.search)], asked);
    const data = page.ids.flatMap((id) => organizations.find(id) ?? []);
    return c.json(listBody(data.map(organizationJson), page));
  });

  app.get('/organizations/external_id/:externalId', (c) => {
    const externalId = pathParameter(c, 'externalId');
    const organization = organizations.first('externalId', externalId);
    if (!organization) throw notFound('Organization', externalId);
    return c.json(organizationJson(organization));
  });

  app.post('/organizations', async (c) => {
    const body = await readBody(c, createBody);
    const organization = createOrganization(world, { ...inputOf(body), name: body.name });
    return c.json(organizationJson(organization), 201);
  });

  app.get('/organizations/:id', (c) => c.json(organizationJson(named(c, world))));

  app.put('/organizations/:id', async (c) => {
    const body = await readBody(c, updateBody);
    const updated = updateOrganization(world, named(c, world), inputOf(body));
    return c.json(organizationJson(updated));
  });

  app.delete('/organizations/:id', (c) => {
    deleteOrganization(world, named(c, world));
    return c.body(null, 202);
  });
}

function named(context: Context, world: World): ReturnType<typeof getOrganization> {
  return getOrganization(world, pathParameter(context, 'id'));
}

function inputOf(body: z.infer<typeof updateBody>): OrganizationInput {
  const plain = body.domains?.map((domain) => ({ domain, state: 'verified' as const }));
  return {
    name: body.name,
    externalId: body.external_id,
    stripeCustomerId: body.stripe_customer_id,
    metadata: body.metadata,
    domains: body.domain_data ?? plain,
  };
}

function matching(
  world: World,
  domains: readonly string[] | undefined,
  search: string | undefined,
): OrderedIds {
  const { organizations } = world.store;
  if (domains === undefined && search === undefined) return organizations.all;
  const ids = new OrderedIds();
  const candidates = domains
    ? domains.flatMap((domain) => organizations.list('domain', domain))
    : organizations.toArray();
  const wanted = (search ?? '').toLowerCase();
  for (const organization of candidates) {
    if (organization.name.toLowerCase().includes(wanted)) ids.add(organization.id);
  }
  return ids;
}
