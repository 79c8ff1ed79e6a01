import { z } from '@hono/zod-openapi';
import { Reason } from './decisions.ts';
import { defineEndpoint } from './endpoint.ts';
import { HeldGrant } from './grants.ts';
import { InOrganization } from './names.ts';
import { pageOf, pageQuery } from './page.ts';
import { timestamp } from './text.ts';

const fields = {
  principal: z.string(),
  scope: z.string(),
  resource_id: z.string(),
  dimensions: z.record(z.string(), z.string()),
  reason: Reason,
  count: z.number().int().openapi({ description: 'How often it was asked.' }),
  first_at: timestamp(),
  last_at: timestamp(),
};

const example = {
  principal: 'user:alice',
  scope: 'project:write',
  resource_id: 'payroll',
  dimensions: {},
  reason: 'scope_unsatisfied' as const,
  count: 17,
  first_at: '2026-02-01T08:00:00.000Z',
  last_at: '2026-02-03T14:05:12.345Z',
};

const Outcome = z.enum(['denied', 'would_deny', 'allowed']).openapi({
  description:
    '`denied` was refused, `would_deny` was let pass by shadow alone, `allowed` is a sample.',
});

/** The same question and the same outcome, however often, over the days looked at. */
export const LoggedDecision = z
  .object({ outcome: Outcome, ...fields })
  .openapi('LoggedDecision', { example: { outcome: 'denied', ...example } });
export type LoggedDecision = z.output<typeof LoggedDecision>;

export const ShadowedDecision = z
  .object({
    ...fields,
    now: z.enum(['denied', 'allowed', 'invalid']).openapi({
      description: 'What `enforced` would answer today; `invalid` when it is no question any more.',
    }),
    missing: HeldGrant.omit({ id: true, principal: true })
      .optional()
      .openapi({ description: 'The smallest grant that would change the answer to yes.' }),
    advice: z.string(),
  })
  .openapi('ShadowedDecision', {
    example: {
      ...example,
      now: 'denied',
      missing: {
        scope: 'project:write',
        effect: 'allow',
        selector: { resource_kind: 'project', resource_id: 'payroll' },
      },
      advice: 'give `user:alice`, or a role that they hold, `project:write` at `payroll`',
    },
  });
export type ShadowedDecision = z.output<typeof ShadowedDecision>;

const filterText = z.string().min(1).max(300).optional();
const day = z.iso.date({ error: 'must be a day such as `2026-01-31`' }).optional();

const filters = {
  ...pageQuery,
  principal: filterText,
  scope: filterText,
  resource_id: filterText,
  since: day.openapi({ description: 'From this day on, in UTC.' }),
  until: day.openapi({ description: 'To the end of this day, in UTC.' }),
};

export const listDecisions = defineEndpoint({
  operationId: 'listDecisions',
  method: 'get',
  path: '/v1/organizations/{org}/decisions',
  tag: 'Decisions',
  summary: 'Read what was denied',
  description:
    'Denials always, what is allowed as far as it is sampled; the same question counts as one. Written about a second after the answer.',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject({ ...filters, outcome: Outcome.optional() }),
  answer: {
    status: 200,
    description: 'One page, in no order that means anything.',
    schema: pageOf(LoggedDecision, 'LoggedDecisionPage'),
  },
});

export const reportShadow = defineEndpoint({
  operationId: 'reportShadow',
  method: 'get',
  path: '/v1/organizations/{org}/enforcement/report',
  tag: 'Enforcement',
  summary: 'Who would be denied what',
  description:
    'What `shadow` let pass and `enforced` would have denied, how often, and the smallest grant that would allow it.',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject(filters),
  answer: {
    status: 200,
    description: 'One page, in no order that means anything.',
    schema: pageOf(ShadowedDecision, 'ShadowedDecisionPage'),
  },
});

export const DecisionSettings = z
  .object({
    retention_days: z
      .int()
      .min(1)
      .max(3_650)
      .openapi({ description: 'How many days are kept before the present one.' }),
    allow_sample_rate: z
      .number()
      .min(0)
      .max(1)
      .openapi({ description: 'Which share of what is allowed is kept. Denials always are.' }),
  })
  .openapi('DecisionSettings', { example: { retention_days: 30, allow_sample_rate: 0.01 } });
export type DecisionSettings = z.output<typeof DecisionSettings>;

export const DecisionSettingsChange = z
  .strictObject({
    retention_days: DecisionSettings.shape.retention_days.optional(),
    allow_sample_rate: DecisionSettings.shape.allow_sample_rate.optional(),
  })
  .openapi('DecisionSettingsChange', { example: { allow_sample_rate: 0.01 } });
export type DecisionSettingsChange = z.output<typeof DecisionSettingsChange>;

const settings = {
  path: '/v1/decision-log/settings',
  tag: 'Decisions',
  key: 'manage',
} as const;

export const getDecisionSettings = defineEndpoint({
  ...settings,
  operationId: 'getDecisionSettings',
  method: 'get',
  summary: 'Read how much of the decisions is kept',
  answer: { status: 200, description: 'The settings.', schema: DecisionSettings },
});

export const setDecisionSettings = defineEndpoint({
  ...settings,
  operationId: 'setDecisionSettings',
  method: 'patch',
  summary: 'Change how much of the decisions is kept',
  description: 'Of the whole environment; every process follows within a minute.',
  writes: true,
  body: DecisionSettingsChange,
  answer: { status: 200, description: 'The settings as they are now.', schema: DecisionSettings },
});
