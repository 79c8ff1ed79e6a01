import { z } from '@hono/zod-openapi';
import { auditFilterQuery } from './audit-events.ts';
import { defineEndpoint } from './endpoint.ts';
import { InOrganization } from './names.ts';

export const exportAuditEvents = defineEndpoint({
  operationId: 'exportAuditEvents',
  method: 'get',
  path: '/v1/organizations/{org}/audit-events/export',
  tag: 'Audit',
  summary: 'Export who changed what',
  description:
    'One event a line, oldest first, up to the newest one at the moment of the call. It is sent as fast as it ' +
    'is read; an export that breaks off ends the connection early.',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  query: z.strictObject(auditFilterQuery),
  answer: {
    status: 200,
    description: 'Lines of JSON, each an AuditEvent.',
    schema: z.string(),
    mediaType: 'application/x-ndjson',
  },
});

const ChainPlace = z.object({
  sequence: z.number().int(),
  hash: z.string().openapi({ description: 'In hexadecimal.' }),
});

export const AuditHead = z
  .object({
    organization_id: z.string(),
    ...ChainPlace.shape,
    anchor: ChainPlace.nullable().openapi({
      description: 'The newest event that retention has removed; null when none was.',
    }),
  })
  .openapi('AuditHead', {
    example: {
      organization_id: 'acme',
      sequence: 57,
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      anchor: null,
    },
  });
export type AuditHead = z.output<typeof AuditHead>;

export const getAuditHead = defineEndpoint({
  operationId: 'getAuditHead',
  method: 'get',
  path: '/v1/organizations/{org}/audit-head',
  tag: 'Audit',
  summary: 'Read the head of the history',
  description:
    'The hash of the newest event covers all events before it. Kept elsewhere, it shows later whether the ' +
    'history up to here is still the same.',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  answer: { status: 200, description: 'The head.', schema: AuditHead },
});
