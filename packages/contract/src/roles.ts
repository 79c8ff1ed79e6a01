import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { GrantPayload, GrantPayloads } from './grants.ts';
import { limits } from './limits.ts';
import { InOrganization, OfRole, roleIdExample, UserId } from './names.ts';
import { pageOf, pageQuery, search } from './page.ts';
import { line, paragraph, timestamp } from './text.ts';

const grantsExample: GrantPayload[] = [
  { scope: 'project:read', effect: 'allow' },
  {
    scope: 'project:write',
    effect: 'allow',
    selectors: [{ resource_kind: 'project', resource_id: 'website' }],
  },
];

export const Role = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    kind: z.enum(['global', 'organization']),
    principal: z
      .string()
      .openapi({ example: 'role:organization:4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11' }),
    slug: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    grants: z.array(GrantPayload),
    member_count: z.number().int(),
    version: z
      .number()
      .int()
      .openapi({ description: 'Send it as `If-Match` to change this version only.' }),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .openapi('Role', {
    example: {
      id: roleIdExample,
      kind: 'organization',
      principal: `role:organization:${roleIdExample}`,
      slug: 'org-support',
      name: 'Support',
      description: 'Answers customers',
      grants: grantsExample,
      member_count: 12,
      version: 3,
      created_at: '2026-01-31T09:30:00.000Z',
      updated_at: '2026-02-03T14:05:12.345Z',
    },
  });
export type Role = z.output<typeof Role>;

const name = line(48).openapi({ example: 'Support' });
const description = paragraph(150);
const memberIds = z
  .array(UserId)
  .max(limits.idsPerCall)
  .openapi({ description: 'User ids of all members that hold the role.' });

export const NewRole = z
  .strictObject({
    name,
    description: description.nullable().optional(),
    grants: GrantPayloads,
    member_ids: memberIds.optional(),
  })
  .openapi('NewRole', {
    example: {
      name: 'Support',
      description: 'Answers customers',
      grants: grantsExample,
      member_ids: ['alice'],
    },
  });
export type NewRole = z.output<typeof NewRole>;

export const RoleChange = z
  .strictObject({
    name: name.optional(),
    description: description.nullable().optional(),
    grants: GrantPayloads.optional(),
    member_ids: memberIds.optional(),
  })
  .openapi('RoleChange', { example: { name: 'Customer support', grants: grantsExample } });
export type RoleChange = z.output<typeof RoleChange>;

export const createRole = defineEndpoint({
  operationId: 'createRole',
  method: 'post',
  path: '/v1/organizations/{org}/roles',
  tag: 'Roles',
  summary: 'Create a role',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: NewRole,
  answer: { status: 201, description: 'The role.', schema: Role, etag: true, location: true },
  errors: [
    'role_name_taken',
    'role_slug_taken',
    'member_not_found',
    'invalid_grant',
    'invalid_selector',
  ],
});

export const listRoles = defineEndpoint({
  operationId: 'listRoles',
  method: 'get',
  path: '/v1/organizations/{org}/roles',
  tag: 'Roles',
  summary: 'List roles',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject({
    ...pageQuery,
    search,
    kind: z.enum(['global', 'organization']).optional(),
  }),
  answer: { status: 200, description: 'One page, oldest first.', schema: pageOf(Role, 'RolePage') },
});

export const getRole = defineEndpoint({
  operationId: 'getRole',
  method: 'get',
  path: '/v1/organizations/{org}/roles/{role_id}',
  tag: 'Roles',
  summary: 'Read a role',
  key: 'manage',
  onBehalf: true,
  params: OfRole,
  answer: { status: 200, description: 'The role.', schema: Role, etag: true },
  errors: ['role_not_found'],
});

export const updateRole = defineEndpoint({
  operationId: 'updateRole',
  method: 'patch',
  path: '/v1/organizations/{org}/roles/{role_id}',
  tag: 'Roles',
  summary: 'Change a role',
  description:
    'Replaces what it names: `grants` and `member_ids` replace the whole list. With `If-Match`, only the version that was read.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  ifMatch: true,
  params: OfRole,
  body: RoleChange,
  answer: { status: 200, description: 'The role as it is now.', schema: Role, etag: true },
  errors: [
    'role_not_found',
    'role_name_taken',
    'system_role',
    'last_admin',
    'admin_must_keep_org_admin',
    'member_not_found',
    'multiple_roles_not_enabled',
    'invalid_grant',
    'invalid_selector',
  ],
});

export const deleteRole = defineEndpoint({
  operationId: 'deleteRole',
  method: 'delete',
  path: '/v1/organizations/{org}/roles/{role_id}',
  tag: 'Roles',
  summary: 'Delete a role',
  description: 'Its assignments go with it; a member left without a role gets `member`.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  ifMatch: true,
  params: OfRole,
  answer: { status: 204, description: 'It is gone.' },
  errors: ['role_not_found', 'system_role', 'last_admin'],
});
