import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { InOrganization, OrganizationId } from './names.ts';
import { pageOf, pageQuery, search } from './page.ts';
import { identifier, line, timestamp } from './text.ts';

export const EnforcementState = z.enum(['off', 'shadow', 'enforced']).openapi({
  description:
    '`off` allows, `shadow` allows and records what would have been denied, `enforced` decides.',
});
export type EnforcementState = z.output<typeof EnforcementState>;

export const Organization = z
  .object({
    id: z.string(),
    name: z.string(),
    workos_id: z.string().nullable(),
    enforcement: EnforcementState,
    member_count: z.number().int(),
    role_count: z.number().int(),
    no_admin: z
      .boolean()
      .openapi({ description: 'Nobody can administer it; a change in WorkOS did that.' }),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .openapi('Organization', {
    example: {
      id: 'acme',
      name: 'Acme Corporation',
      workos_id: null,
      enforcement: 'enforced',
      member_count: 128,
      role_count: 7,
      no_admin: false,
      created_at: '2026-01-31T09:30:00.000Z',
      updated_at: '2026-01-31T09:30:00.000Z',
    },
  });
export type Organization = z.output<typeof Organization>;

const name = line(255);
const workosId = identifier().openapi({ example: 'org_01HXYZ' });

export const NewOrganization = z
  .strictObject({
    id: OrganizationId.optional().openapi({
      description: 'Your id for it; made by Rolecall when absent.',
    }),
    name,
    workos_id: workosId.optional(),
  })
  .openapi('NewOrganization', { example: { id: 'acme', name: 'Acme Corporation' } });
export type NewOrganization = z.output<typeof NewOrganization>;

export const OrganizationChange = z
  .strictObject({ name: name.optional(), workos_id: workosId.nullable().optional() })
  .openapi('OrganizationChange', { example: { name: 'Acme International' } });
export type OrganizationChange = z.output<typeof OrganizationChange>;

export const createOrganization = defineEndpoint({
  operationId: 'createOrganization',
  method: 'post',
  path: '/v1/organizations',
  tag: 'Organizations',
  summary: 'Create an organization',
  description: 'It starts `enforced`, with the grants of the system roles and no members.',
  key: 'manage',
  writes: true,
  body: NewOrganization,
  answer: { status: 201, description: 'The organization.', schema: Organization, location: true },
  errors: ['organization_exists', 'workos_id_taken'],
});

export const listOrganizations = defineEndpoint({
  operationId: 'listOrganizations',
  method: 'get',
  path: '/v1/organizations',
  tag: 'Organizations',
  summary: 'List organizations',
  description: 'A key that belongs to one organization sees that one.',
  key: 'manage',
  query: z.strictObject({ ...pageQuery, search }),
  answer: {
    status: 200,
    description: 'One page, oldest first.',
    schema: pageOf(Organization, 'OrganizationPage'),
  },
});

export const getOrganization = defineEndpoint({
  operationId: 'getOrganization',
  method: 'get',
  path: '/v1/organizations/{org}',
  tag: 'Organizations',
  summary: 'Read an organization',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  answer: { status: 200, description: 'The organization.', schema: Organization },
});

export const updateOrganization = defineEndpoint({
  operationId: 'updateOrganization',
  method: 'patch',
  path: '/v1/organizations/{org}',
  tag: 'Organizations',
  summary: 'Change an organization',
  description:
    'Replaces what it names. Only a key of the whole environment may change `workos_id`, and not for a user.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: OrganizationChange,
  answer: { status: 200, description: 'The organization as it is now.', schema: Organization },
  errors: ['workos_id_taken', 'owned_by_workos'],
});
