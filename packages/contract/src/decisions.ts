import { z } from '@hono/zod-openapi';
import { HeldGrant } from './grants.ts';

export const revisionExample = 'NDIgMGYyYiBhY21l';

export const Reason = z.enum([
  'grant_matched',
  'deny_matched',
  'scope_unsatisfied',
  'no_grants',
  'not_a_member',
  'membership_inactive',
  'enforcement_off',
  'enforcement_shadow',
]);

const decisionFields = {
  allowed: z.boolean(),
  reason: Reason,
  enforced: z
    .object({ allowed: z.boolean(), reason: Reason })
    .optional()
    .openapi({ description: 'While enforcement is not on: the answer that would count.' }),
};

export const Decision = z
  .object({
    ...decisionFields,
    undetermined: z
      .array(HeldGrant)
      .optional()
      .openapi({ description: 'Denies that would matter if the check named more dimensions.' }),
  })
  .openapi('Decision');
export type Decision = z.output<typeof Decision>;

export const Explanation = z
  .object({
    decision: z.object({
      ...decisionFields,
      matched: z.array(HeldGrant),
      denied_by: z.array(HeldGrant),
      undetermined: z.array(HeldGrant),
    }),
    sentences: z
      .array(z.string())
      .openapi({ description: 'Why, in words; what decided comes first.' }),
    near_misses: z.array(
      z.object({
        grant: HeldGrant,
        obstacle: z.enum([
          'other_resource',
          'weaker_action',
          'dimension_differs',
          'dimension_absent',
          'unreadable',
        ]),
        sentence: z.string(),
      }),
    ),
    missing: HeldGrant.omit({ id: true, principal: true })
      .optional()
      .openapi({ description: 'The smallest grant that would change the answer to yes.' }),
    revision: z.string(),
  })
  .openapi('Explanation', {
    example: {
      decision: {
        allowed: false,
        reason: 'scope_unsatisfied',
        matched: [],
        denied_by: [],
        undetermined: [],
      },
      sentences: ['no grant allows `project:write` on `payroll`'],
      near_misses: [
        {
          grant: {
            principal: 'user:alice',
            scope: 'project:read',
            effect: 'allow',
            selector: { resource_kind: 'project', resource_id: '*' },
          },
          obstacle: 'weaker_action',
          sentence: '`project:read` does not imply `project:write`',
        },
      ],
      missing: {
        scope: 'project:write',
        effect: 'allow',
        selector: { resource_kind: 'project', resource_id: 'payroll' },
      },
      revision: revisionExample,
    },
  });
export type Explanation = z.output<typeof Explanation>;
