import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { OrganizationId } from './names.ts';
import { pageOf, pageQuery } from './page.ts';
import { line, timestamp, uuid } from './text.ts';

const scope = z.enum(['manage', 'check']).openapi({
  description:
    '`check` may check, filter, explain and read the policy; `manage` may do everything.',
});

const fields = {
  id: z.string().openapi({ format: 'uuid' }),
  name: z.string(),
  scope,
  organization_id: z
    .string()
    .nullable()
    .openapi({ description: 'The one organization it reaches; null for all of them.' }),
  hint: z.string().openapi({ description: 'The last characters, to tell keys apart.' }),
  created_at: timestamp(),
  revoked_at: timestamp().nullable(),
};

const example = {
  id: '7c1f2b9a-5d0e-4a8b-9e8f-2f6f3d1b0a55',
  name: 'web backend',
  scope: 'check' as const,
  organization_id: null,
  hint: 'x7Qk',
  created_at: '2026-01-31T09:30:00.000Z',
  revoked_at: null,
};

export const ApiKey = z.object(fields).openapi('ApiKey', { example });
export type ApiKey = z.output<typeof ApiKey>;

export const CreatedApiKey = z
  .object({
    ...fields,
    key: z.string().openapi({ description: 'The secret. It is never shown again.' }),
  })
  .openapi('CreatedApiKey', { example: { ...example, key: 'rolecall_…x7Qk' } });
export type CreatedApiKey = z.output<typeof CreatedApiKey>;

export const NewApiKey = z
  .strictObject({
    name: line(100),
    scope,
    organization_id: OrganizationId.optional().openapi({
      description: 'A key that belongs to an organization makes keys of that one, named or not.',
    }),
  })
  .openapi('NewApiKey', { example: { name: 'web backend', scope: 'check' } });
export type NewApiKey = z.output<typeof NewApiKey>;

export const createApiKey = defineEndpoint({
  operationId: 'createApiKey',
  method: 'post',
  path: '/v1/api-keys',
  tag: 'API keys',
  summary: 'Create an API key',
  key: 'manage',
  writes: true,
  body: NewApiKey,
  answer: { status: 201, description: 'The key, with its secret.', schema: CreatedApiKey },
  errors: ['organization_not_found'],
});

export const listApiKeys = defineEndpoint({
  operationId: 'listApiKeys',
  method: 'get',
  path: '/v1/api-keys',
  tag: 'API keys',
  summary: 'List API keys',
  description: 'Revoked ones too. A key that belongs to an organization sees those of that one.',
  key: 'manage',
  query: z.strictObject({ ...pageQuery, organization_id: OrganizationId.optional() }),
  answer: {
    status: 200,
    description: 'One page, oldest first.',
    schema: pageOf(ApiKey, 'ApiKeyPage'),
  },
  errors: ['organization_not_found'],
});

export const revokeApiKey = defineEndpoint({
  operationId: 'revokeApiKey',
  method: 'delete',
  path: '/v1/api-keys/{id}',
  tag: 'API keys',
  summary: 'Revoke an API key',
  description: 'It stops working with the next request. Revoking it again changes nothing.',
  key: 'manage',
  writes: true,
  params: z.strictObject({ id: uuid() }),
  answer: { status: 204, description: 'It is revoked.' },
  errors: ['api_key_not_found'],
});
