import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';

const Health = z.object({ status: z.literal('ok') }).openapi('Health');

export const Readiness = z
  .object({
    status: z.literal('ok'),
    memory: z
      .object({
        mode: z
          .enum(['memory', 'database'])
          .openapi({ description: '`database`: every question reads it.' }),
        organizations: z.int(),
        roles: z.int(),
        principals: z.int(),
        bytes: z.int(),
        max_bytes: z.int(),
      })
      .openapi({ description: 'What this process holds.' }),
    freshness: z
      .object({
        confirmed: z
          .boolean()
          .openapi({ description: 'Whether answers come from memory at this moment.' }),
        staleness_ms: z
          .number()
          .nullable()
          .openapi({ description: 'Age of the last confirming poll; null before the first.' }),
        bound_ms: z.number().openapi({ description: 'How old an answer from memory may be.' }),
        notifications: z.enum(['listening', 'polling']),
        notice: z.string().optional().openapi({ description: 'Why changes are not announced.' }),
      })
      .openapi({ description: 'How fresh that is.' }),
  })
  .openapi('Readiness');
export type Readiness = z.output<typeof Readiness>;

export const healthz = defineEndpoint({
  operationId: 'healthz',
  method: 'get',
  path: '/healthz',
  tag: 'Operations',
  summary: 'Is the process alive?',
  key: 'none',
  answer: { status: 200, description: 'It is.', schema: Health },
});

export const readyz = defineEndpoint({
  operationId: 'readyz',
  method: 'get',
  path: '/readyz',
  tag: 'Operations',
  summary: 'Can it answer?',
  description:
    'Asks the database, and whether its migrations are those of this version. Says what is held in memory and how fresh that is; a process that has not confirmed its memory reads the database, and is ready all the same.',
  key: 'none',
  answer: { status: 200, description: 'It can.', schema: Readiness },
  errors: ['database_unavailable'],
});

export const metrics = defineEndpoint({
  operationId: 'metrics',
  method: 'get',
  path: '/metrics',
  tag: 'Operations',
  summary: 'Figures for Prometheus',
  key: 'none',
  answer: {
    status: 200,
    description: 'In the text format of Prometheus.',
    schema: z.string(),
    mediaType: 'text/plain',
  },
});
