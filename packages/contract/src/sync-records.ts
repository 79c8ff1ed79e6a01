import { z } from '@hono/zod-openapi';
import { timestamp } from './text.ts';

const states = [
  'idle',
  'pending',
  'waiting',
  'parked',
  'blocked',
  'conflict',
  'quarantined',
  'planned',
] as const;
const kinds = ['organization_role', 'membership_roles', 'external_id'] as const;
export const State = z.enum(states);
export const Kind = z.enum(kinds);
export const count = (): z.ZodNumber => z.number().int().min(0);
const seconds = (description: string) => z.number().nullable().openapi({ description });

const Connection = z.object({
  circuit: z
    .enum(['closed', 'open', 'refused'])
    .openapi({ description: '`open`: WorkOS is away; `refused`: the key is.' }),
  paused_seconds: z.number().openapi({ description: 'Until WorkOS lets us call again.' }),
  budget_left: z.object({
    all: z.number(),
    user_reads: z.number(),
    user_writes: z.number(),
  }),
  troubles: z
    .array(z.object({ doing: z.string(), code: z.string(), seconds_ago: z.number() }))
    .openapi({ description: 'What keeps this process from going on; empty when nothing does.' }),
});

export const SyncStatus = z
  .object({
    connection: Connection.nullable().openapi({
      description: 'Null where this process has no key of WorkOS.',
    }),
    entities: z.object(
      Object.fromEntries(states.map((state) => [state, count()])) as Record<
        (typeof states)[number],
        z.ZodNumber
      >,
    ),
    pending: count().openapi({ description: 'Changes made here that WorkOS has not confirmed.' }),
    oldest_pending_seconds: seconds('Age of the oldest of them.'),
    marked: count().openapi({ description: 'Things of WorkOS that are to be looked at.' }),
    drift: count().openapi({
      description:
        'What is known to differ now and does not become equal by itself: the entities that are parked, blocked, ' +
        'in conflict, quarantined or planned, and things of WorkOS that cannot be taken in.',
    }),
    linked: count().openapi({ description: 'Organizations that are kept equal.' }),
    comparing: count().openapi({
      description: 'Those of them that are being compared as a whole.',
    }),
    cursor_age_seconds: seconds('Since the stream of events was last read to its end.'),
    parked_events: count(),
    quarantined_events: count(),
    brakes: z
      .array(
        z.object({
          organization_id: z.string(),
          direction: z.enum(['to_workos', 'from_workos']),
          kind: z.enum(['organization_role', 'membership_roles']),
          tripped_at: timestamp(),
          removals: count(),
          held: count(),
        }),
      )
      .openapi({ description: 'Removals of very many that wait for a person to release them.' }),
  })
  .openapi('SyncStatus');
export type SyncStatus = z.output<typeof SyncStatus>;

export const SyncEntity = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    organization_id: z.string(),
    kind: Kind,
    subject_id: z.string().openapi({ description: 'The role, the membership, or the user.' }),
    state: State,
    pending: z.boolean(),
    reason: z.string().nullable(),
    advice: z.string().nullable().openapi({ description: 'What a person can do about it.' }),
    failures: count(),
    changed_at: timestamp(),
    observed_at: timestamp().nullable(),
    next_attempt_at: timestamp().nullable(),
  })
  .openapi('SyncEntity', {
    example: {
      id: '0f6d4d7c-6a53-4d3f-9a08-6f0b6b0f8c11',
      organization_id: 'acme',
      kind: 'membership_roles',
      subject_id: '4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11',
      state: 'planned',
      pending: false,
      reason: 'differs_at_link',
      advice: 'Choose a side.',
      failures: 0,
      changed_at: '2026-01-31T09:30:00.000Z',
      observed_at: '2026-01-31T09:30:01.000Z',
      next_attempt_at: null,
    },
  });
export type SyncEntity = z.output<typeof SyncEntity>;

export const HeldEvent = z
  .object({
    id: z.string(),
    type: z.string().openapi({ example: 'organization_role.updated' }),
    state: z.enum(['parked', 'quarantined']),
    reason: z.string().nullable(),
    waits_for: z
      .string()
      .nullable()
      .openapi({ description: 'The organization of WorkOS that a parked event waits for.' }),
    happened_at: timestamp(),
    received_at: timestamp(),
  })
  .openapi('HeldEvent');
export type HeldEvent = z.output<typeof HeldEvent>;

export const SyncSettings = z
  .object({
    mode: z.enum(['adopt', 'enforce']).openapi({
      description:
        'What becomes of a change in the WorkOS dashboard to what Rolecall owns: taken over, or put back.',
    }),
    observe_only: z.boolean().openapi({ description: 'Everything is looked at, nothing is sent.' }),
    brake_count: count().max(1_000_000).openapi({
      description: 'So many removals in an hour pass without asking, in one organization, …',
    }),
    brake_percent: count()
      .max(100)
      .openapi({ description: '… or so many of a hundred, whichever is more.' }),
    retention_days: z
      .number()
      .int()
      .min(1)
      .max(365)
      .openapi({ description: 'How long WorkOS keeps events.' }),
    marker: z.boolean().openapi({
      description: 'Whether a mark is left in WorkOS, by which a restored database is noticed.',
    }),
  })
  .openapi('SyncSettings');
export type SyncSettings = z.output<typeof SyncSettings>;

export const SyncSettingsChange = z
  .strictObject(SyncSettings.shape)
  .partial()
  .openapi('SyncSettingsChange', { example: { mode: 'enforce' } });

export const SyncDrift = z
  .object({
    compared: count(),
    total: count().openapi({ description: 'How much differs, with nothing pending.' }),
    drift: z
      .array(
        z.object({
          kind: z.enum(['organization_role', 'membership_roles']),
          subject: z.string().openapi({
            description: 'A role by its slug, a membership by its id in WorkOS, or ours.',
          }),
          here: z.unknown().openapi({ description: 'Null where there is no such thing.' }),
          there: z.unknown(),
        }),
      )
      .openapi({ description: 'At most the first thousand.' }),
    repairing: z.boolean().openapi({ description: 'Whether it is being mended from now on.' }),
  })
  .openapi('SyncDrift');
export type SyncDrift = z.output<typeof SyncDrift>;
