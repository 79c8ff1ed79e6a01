import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { InOrganization } from './names.ts';
import { pageOf, pageQuery } from './page.ts';
import { timestamp } from './text.ts';

export const AuditEvent = z
  .object({
    sequence: z
      .number()
      .int()
      .openapi({ description: 'Counts the events of the organization from 1.' }),
    occurred_at: timestamp(),
    revision: z.number().int(),
    actor: z.string().openapi({ example: 'user:alice' }),
    action: z.string().openapi({ example: 'role.updated' }),
    subject: z
      .string()
      .openapi({ example: 'role:organization:4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11' }),
    before: z.unknown().openapi({ description: 'What it was; null when it was not.' }),
    after: z.unknown().openapi({ description: 'What it became; null when it is gone.' }),
    request_id: z.string().nullable(),
    cause: z.string().nullable().openapi({
      description: 'The event of WorkOS that led to it; null where none is known.',
      example: null,
    }),
    hash: z.string().openapi({
      description: 'SHA-256 over this event and the hash of the one before it, in hexadecimal.',
    }),
  })
  .openapi('AuditEvent', {
    example: {
      sequence: 57,
      occurred_at: '2026-02-03T14:05:12.345Z',
      revision: 42,
      actor: 'user:alice',
      action: 'role.updated',
      subject: 'role:organization:4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11',
      before: { name: 'Support' },
      after: { name: 'Customer support' },
      request_id: '5f0d6c1e-8d1b-4a3e-8f8e-6a0b9b1f7f10',
      cause: null,
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  });
export type AuditEvent = z.output<typeof AuditEvent>;

const filterText = z.string().min(1).max(300).optional();
const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as `2026-01-31T09:30:00Z`' })
  .optional();

/** What events are chosen by. */
export const auditFilterQuery = {
  actor: filterText.openapi({ description: 'A principal.' }),
  subject: filterText,
  action: filterText,
  since: instant.openapi({ description: 'From this instant on.' }),
  until: instant.openapi({ description: 'Before this instant.' }),
} as const;

export const listAuditEvents = defineEndpoint({
  operationId: 'listAuditEvents',
  method: 'get',
  path: '/v1/organizations/{org}/audit-events',
  tag: 'Audit',
  summary: 'Read who changed what',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject({
    ...pageQuery,
    ...auditFilterQuery,
  }),
  answer: {
    status: 200,
    description: 'One page, newest first.',
    schema: pageOf(AuditEvent, 'AuditEventPage'),
  },
});
