import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { limits } from './limits.ts';
import { timestamp } from './text.ts';

/** What a webhook of WorkOS's says. Only the id is looked at, to know a repeated one. */
const WorkosEvent = z
  .looseObject({
    id: z.string().min(1),
    event: z.string().min(1),
    created_at: timestamp(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('WorkosEvent', {
    example: {
      id: 'event_01J8Z0Q4W3E5R6T7Y8V9N0B1C2',
      event: 'organization_membership.updated',
      created_at: '2026-01-31T09:30:00.000Z',
      data: { id: 'om_01J8Z0Q4W3E5R6T7Y8V9N0B1C2' },
    },
  });

const WebhookReceipt = z
  .object({
    repeated: z.boolean().openapi({ description: 'It came before, and nothing was done again.' }),
  })
  .openapi('WebhookReceipt');

export const receiveWebhook = defineEndpoint({
  operationId: 'receiveWebhook',
  method: 'post',
  path: '/webhooks/workos',
  tag: 'Sync',
  summary: 'Hear from WorkOS that something happened',
  description:
    'For the webhook endpoint in the WorkOS dashboard. Needs the header `WorkOS-Signature`, over the bytes of the ' +
    'body and at most 3 minutes old. It is only a nudge: what happened is read from the Events API.',
  key: 'none',
  body: WorkosEvent,
  bodyLimit: limits.webhookBodyBytes,
  answer: { status: 200, description: 'It is believed.', schema: WebhookReceipt },
  errors: ['webhook_refused', 'workos_not_connected', 'rate_limited'],
});
