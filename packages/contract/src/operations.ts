import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';

const Health = z.object({ status: z.literal('ok') }).openapi('Health');

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
  description: 'Asks the database, and whether its migrations are those of this version.',
  key: 'none',
  answer: { status: 200, description: 'It can.', schema: Health },
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
