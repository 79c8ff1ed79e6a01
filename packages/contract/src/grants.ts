import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { limits } from './limits.ts';
import { InOrganization, Principal } from './names.ts';
import { pageOf, pageQuery } from './page.ts';
import { dimensionValue, fitsBytes, resourceIdOrAny, timestamp } from './text.ts';

/** Where a grant holds: a kind, an id or `*`, and any dimensions of the kind. */
export const Selector = z
  .object({
    resource_kind: z.string().min(1).max(100),
    resource_id: resourceIdOrAny(),
  })
  .catchall(dimensionValue())
  .refine(
    (selector) => fitsBytes(JSON.stringify(selector), limits.selectorBytes),
    `must be at most ${limits.selectorBytes} bytes long, written as JSON`,
  )
  .openapi('Selector', {
    description: 'Where a grant holds. `*` is the explicit wildcard. Other keys are dimensions.',
    example: { resource_kind: 'project', resource_id: 'website' },
  });
export type Selector = z.output<typeof Selector>;

const scopeName = z.string().min(1).max(100);

/** The name of a scope. Whether the policy declares it is for the policy to say. */
export const ScopeName = scopeName.openapi({ example: 'project:read' });
export type ScopeName = z.output<typeof ScopeName>;

export const Effect = z.enum(['allow', 'deny']);
export type Effect = z.output<typeof Effect>;

/** One scope, many places, as a role editor writes them. */
export const GrantPayload = z
  .strictObject({
    scope: ScopeName,
    effect: Effect.optional().openapi({ default: 'allow' }),
    selectors: z
      .array(Selector)
      .max(limits.selectorsPerRole)
      .optional()
      .openapi({ description: 'Absent: everywhere. Empty: nowhere.' }),
  })
  .openapi('Grant');
export type GrantPayload = z.output<typeof GrantPayload>;

/** The grants of one role. Their selectors are limited all together. */
export const GrantPayloads = z
  .array(GrantPayload)
  .max(limits.selectorsPerRole)
  .superRefine((grants, context) => {
    const selectors = grants.reduce((sum, grant) => sum + (grant.selectors?.length ?? 1), 0);
    if (selectors <= limits.selectorsPerRole) return;
    context.addIssue({
      code: 'too_big',
      origin: 'array',
      maximum: limits.selectorsPerRole,
      inclusive: true,
      input: grants,
      message: `a role may have at most ${limits.selectorsPerRole} selectors`,
    });
  });
export type GrantPayloads = z.output<typeof GrantPayloads>;

const rowFields = {
  principal: z.string(),
  scope: z.string(),
  effect: Effect,
  selector: z.object({ resource_kind: z.string(), resource_id: z.string() }).catchall(z.string()),
};

const rowExample = {
  principal: 'user:alice',
  scope: 'project:read',
  effect: 'allow' as const,
  selector: { resource_kind: 'project', resource_id: 'website' },
};

/** One row: what somebody may or may not do, and where. */
export const HeldGrant = z
  .object({ ...rowFields, id: z.string().optional() })
  .openapi('HeldGrant', { example: rowExample });
export type HeldGrant = z.output<typeof HeldGrant>;

const directGrantFields = {
  principal: Principal.openapi({
    description: 'A user of the organization, or an API key that belongs to it.',
  }),
  grants: z.array(GrantPayload).min(1).max(limits.grantsPerCall),
};

export const DirectGrants = z.strictObject(directGrantFields).openapi('DirectGrants', {
  example: {
    principal: 'user:alice',
    grants: [
      {
        scope: 'project:write',
        selectors: [{ resource_kind: 'project', resource_id: 'website' }],
      },
    ],
  },
});
export type DirectGrants = z.output<typeof DirectGrants>;

/** A grant that its holder has directly, not through a role. */
export const DirectGrant = z
  .object({ ...rowFields, id: z.string(), created_at: timestamp() })
  .openapi('DirectGrant', {
    example: { ...rowExample, id: '417', created_at: '2026-01-31T09:30:00.000Z' },
  });
export type DirectGrant = z.output<typeof DirectGrant>;

export const createGrants = defineEndpoint({
  operationId: 'createGrants',
  method: 'post',
  path: '/v1/organizations/{org}/grants',
  tag: 'Grants',
  summary: 'Give grants directly',
  description:
    'Gives grants to a user or an API key, beside those of its roles. What is already held is kept as it is.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: DirectGrants,
  answer: {
    status: 201,
    description: 'What the principal now holds directly of what was named.',
    schema: z.object({ data: z.array(DirectGrant) }).openapi('DirectGrantList'),
  },
  errors: [
    'member_not_found',
    'api_key_not_found',
    'invalid_principal',
    'invalid_grant',
    'invalid_selector',
  ],
});

export const listGrants = defineEndpoint({
  operationId: 'listGrants',
  method: 'get',
  path: '/v1/organizations/{org}/grants',
  tag: 'Grants',
  summary: 'List direct grants',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject({ ...pageQuery, principal: Principal.optional() }),
  answer: {
    status: 200,
    description: 'One page, in the order in which they were given.',
    schema: pageOf(DirectGrant, 'DirectGrantPage'),
  },
  errors: ['invalid_principal'],
});

export const deleteGrants = defineEndpoint({
  operationId: 'deleteGrants',
  method: 'delete',
  path: '/v1/organizations/{org}/grants',
  tag: 'Grants',
  summary: 'Take direct grants away',
  description: 'Takes exactly the named grants from a user or an API key; all of them or none.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: DirectGrants,
  answer: { status: 204, description: 'They are gone.' },
  errors: [
    'grant_not_found',
    'member_not_found',
    'api_key_not_found',
    'invalid_principal',
    'invalid_grant',
    'invalid_selector',
  ],
});
