import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { Decision, Explanation, revisionExample } from './decisions.ts';
import { ScopeName } from './grants.ts';
import { limits } from './limits.ts';
import { InOrganization, Principal } from './names.ts';

const dimensions = z
  .record(z.string().max(100), z.string().max(limits.identifierBytes))
  .openapi({ example: { tool: 'search' } });

const resourceId = z.string().max(limits.identifierBytes).openapi({ example: 'website' });

/** The question: may this be done to this one resource? */
export const Check = z
  .strictObject({ scope: ScopeName, resource_id: resourceId, dimensions: dimensions.optional() })
  .openapi('Check');
export type Check = z.output<typeof Check>;

const revisionToken = z.string().min(1).max(500);

/** How fresh the state must be that answers. */
export const Consistency = z
  .discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('cached') }),
    z.strictObject({ mode: z.literal('at_least'), revision: revisionToken }),
    z.strictObject({ mode: z.literal('strong') }),
  ])
  .openapi('Consistency', {
    description:
      '`cached` (default) is bounded staleness, `at_least` has seen the write that returned `revision`, `strong` reads the primary.',
  });
export type Consistency = z.output<typeof Consistency>;

export const CheckRequest = z
  .strictObject({
    principal: Principal,
    checks: z.array(Check).min(1).max(limits.checks),
    require: z.enum(['all', 'any']).optional().openapi({ default: 'all' }),
    consistency: Consistency.optional(),
  })
  .openapi('CheckRequest', {
    example: {
      principal: 'user:alice',
      checks: [
        { scope: 'project:read', resource_id: 'website' },
        { scope: 'mcp:write', resource_id: 'crm', dimensions: { tool: 'update_contact' } },
      ],
      require: 'all',
    },
  });
export type CheckRequest = z.output<typeof CheckRequest>;

export const CheckResult = z
  .object({
    allowed: z.boolean(),
    decisions: z.array(Decision).openapi({ description: 'In the order of the checks.' }),
    revision: z.string(),
  })
  .openapi('CheckResult', {
    example: {
      allowed: false,
      decisions: [
        { allowed: true, reason: 'grant_matched' },
        { allowed: false, reason: 'scope_unsatisfied' },
      ],
      revision: revisionExample,
    },
  });
export type CheckResult = z.output<typeof CheckResult>;

export const FilterRequest = z
  .strictObject({
    principal: Principal,
    scope: ScopeName,
    resource_ids: z.array(resourceId).max(limits.resourceIds),
    dimensions: dimensions.optional(),
    consistency: Consistency.optional(),
  })
  .openapi('FilterRequest', {
    example: {
      principal: 'user:alice',
      scope: 'project:read',
      resource_ids: ['website', 'payroll', 'mobile-app'],
    },
  });
export type FilterRequest = z.output<typeof FilterRequest>;

export const FilterResult = z
  .object({
    resource_ids: z
      .array(z.string())
      .openapi({ description: 'Those that are allowed, in the order given.' }),
    revision: z.string(),
  })
  .openapi('FilterResult', {
    example: { resource_ids: ['website', 'mobile-app'], revision: revisionExample },
  });
export type FilterResult = z.output<typeof FilterResult>;

export const ExplainRequest = z
  .strictObject({ principal: Principal, check: Check, consistency: Consistency.optional() })
  .openapi('ExplainRequest', {
    example: {
      principal: 'user:alice',
      check: { scope: 'project:write', resource_id: 'payroll' },
    },
  });
export type ExplainRequest = z.output<typeof ExplainRequest>;

const questionErrors = ['invalid_principal', 'invalid_check', 'revision_unknown'] as const;

export const check = defineEndpoint({
  operationId: 'check',
  method: 'post',
  path: '/v1/organizations/{org}/check',
  tag: 'Checks',
  summary: 'May they?',
  description:
    'Answers up to 1,000 checks of one principal from one state. A denial is an answer, with status 200. One invalid check fails the call, naming it.',
  key: 'check',
  onBehalf: true,
  params: InOrganization,
  body: CheckRequest,
  answer: { status: 200, description: 'The decisions.', schema: CheckResult },
  errors: questionErrors,
});

export const filter = defineEndpoint({
  operationId: 'filter',
  method: 'post',
  path: '/v1/organizations/{org}/filter',
  tag: 'Checks',
  summary: 'Which of these?',
  description: 'The same answers as a check of each resource, for up to 10,000 resources at once.',
  key: 'check',
  onBehalf: true,
  params: InOrganization,
  body: FilterRequest,
  answer: { status: 200, description: 'The resources that are allowed.', schema: FilterResult },
  errors: questionErrors,
});

export const explain = defineEndpoint({
  operationId: 'explain',
  method: 'post',
  path: '/v1/organizations/{org}/explain',
  tag: 'Checks',
  summary: 'Why, or why not?',
  description:
    'One check, the grants that decided it, those that almost did, and words for all of it. May be asked about a role.',
  key: 'check',
  onBehalf: true,
  params: InOrganization,
  body: ExplainRequest,
  answer: { status: 200, description: 'The explanation.', schema: Explanation },
  errors: [...questionErrors, 'role_not_found'],
});
