import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { InOrganization } from './names.ts';
import { EnforcementState } from './organizations.ts';

const PreflightItem = z.object({
  name: z.string(),
  passed: z.boolean(),
  message: z.string(),
  advice: z.string(),
});

export const Enforcement = z
  .object({
    state: EnforcementState,
    preflight: z.object({
      ready: z.boolean().openapi({ description: 'Whether enforcement may be turned on.' }),
      items: z.array(PreflightItem),
    }),
  })
  .openapi('Enforcement', {
    example: {
      state: 'shadow',
      preflight: {
        ready: true,
        items: [
          {
            name: 'usable_admin',
            passed: true,
            message: 'at least one active member is an admin',
            advice: '',
          },
        ],
      },
    },
  });
export type Enforcement = z.output<typeof Enforcement>;

export const EnforcementChange = z
  .strictObject({
    state: EnforcementState,
    bootstrap: z.boolean().optional().openapi({
      description:
        'With `enforced`: make first what can be made (system roles with their grants, `member` for those without a role).',
      default: false,
    }),
  })
  .openapi('EnforcementChange', { example: { state: 'enforced' } });
export type EnforcementChange = z.output<typeof EnforcementChange>;

export const getEnforcement = defineEndpoint({
  operationId: 'getEnforcement',
  method: 'get',
  path: '/v1/organizations/{org}/enforcement',
  tag: 'Enforcement',
  summary: 'Read the enforcement and its preflight',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  answer: { status: 200, description: 'The state.', schema: Enforcement },
});

export const setEnforcement = defineEndpoint({
  operationId: 'setEnforcement',
  method: 'put',
  path: '/v1/organizations/{org}/enforcement',
  tag: 'Enforcement',
  summary: 'Turn enforcement on or off',
  description: 'Turning it on runs the preflight first and changes nothing when that fails.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: EnforcementChange,
  answer: { status: 200, description: 'The state as it is now.', schema: Enforcement },
  errors: ['preflight_failed'],
});
