import { z } from 'zod';
import { CHAOS_FAULTS } from '../faults/index.ts';

const share = z.number().min(0).max(1);
const stage = z.enum(['before', 'after']).optional();
const range = z.tuple([z.number(), z.number()]);
const match = z.object({ method: z.string().optional(), path: z.string().optional() }).optional();

/** The shapes of faults as they arrive over HTTP. */
export const faultShapes = {
  chaos: z.object({
    rate: share,
    match,
    only: z.array(z.enum(CHAOS_FAULTS)).optional(),
    delayMs: z.number().optional(),
    lateMs: z.number().optional(),
    hangMs: z.number().optional(),
  }),
  expiry: z.object({ before: z.string().optional(), keep: z.number().optional() }),
  outage: z.object({ outage: z.enum(['drop', 'error', 'hang']).nullable() }),
  events: z.object({
    rate: share.optional(),
    ms: range.optional(),
    overtake: z.boolean().optional(),
    inclusiveCursor: z.boolean().optional(),
    newestFirst: z.boolean().optional(),
  }),
  webhooks: z.object({
    drop: share.optional(),
    repeat: share.optional(),
    delay: share.optional(),
    delayMs: range.optional(),
    reorder: share.optional(),
    overtakenBy: z.number().optional(),
    tamper: share.optional(),
    tampering: z.enum(['body', 'signature', 'secret', 'stale', 'unsigned']).optional(),
    clockSkewMs: z.number().optional(),
  }),
  rule: z.object({
    match,
    nth: z.array(z.number().int()).optional(),
    times: z.number().int().optional(),
    rate: share.optional(),
    fault: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('delay'), ms: z.number(), stage }),
      z.object({ kind: z.literal('throttle'), retryAfterSeconds: z.number().optional() }),
      z.object({
        kind: z.literal('error'),
        status: z.number().optional(),
        stage,
        body: z.enum(['json', 'html']).optional(),
      }),
      z.object({ kind: z.literal('hang'), stage, maxMs: z.number().optional() }),
      z.object({
        kind: z.literal('drop'),
        stage: z.enum(['before', 'after', 'midway']).optional(),
      }),
      z.object({
        kind: z.literal('late'),
        ms: z.number(),
        then: z.enum(['hang', 'drop']).optional(),
        maxMs: z.number().optional(),
      }),
      z.object({ kind: z.literal('reply'), status: z.number(), body: z.unknown() }),
      z.object({ kind: z.literal('omit'), share: share.optional() }),
      z.object({ kind: z.literal('drift') }),
    ]),
  }),
};
