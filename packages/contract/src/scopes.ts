import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';

const Dimension = z.object({
  name: z.string(),
  required: z.boolean(),
  values: z
    .array(z.string())
    .optional()
    .openapi({ description: 'The only values; any text when absent.' }),
  description: z.string().optional(),
});

/** The policy, as a role editor needs it. */
export const ScopeCatalogue = z
  .object({
    kinds: z.array(
      z.object({
        kind: z.string(),
        single: z
          .boolean()
          .openapi({ description: 'Its one resource is the organization itself.' }),
        description: z.string().optional(),
        dimensions: z.array(Dimension),
      }),
    ),
    scopes: z.array(
      z.object({
        scope: z.string(),
        kind: z.string(),
        action: z.string(),
        implies: z.array(z.string()),
        description: z.string().optional(),
      }),
    ),
    system_roles: z.record(z.string(), z.array(z.string())),
  })
  .openapi('ScopeCatalogue');
export type ScopeCatalogue = z.output<typeof ScopeCatalogue>;

export const listScopes = defineEndpoint({
  operationId: 'listScopes',
  method: 'get',
  path: '/v1/scopes',
  tag: 'Roles',
  summary: 'Read the policy',
  description: 'Every scope that can be granted and checked, with its implications and dimensions.',
  key: 'check',
  answer: { status: 200, description: 'The policy.', schema: ScopeCatalogue },
});
