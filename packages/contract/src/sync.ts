import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { InOrganization, OrganizationId } from './names.ts';
import { pageOf, pageQuery } from './page.ts';
import {
  count,
  HeldEvent,
  Kind,
  State,
  SyncDrift,
  SyncEntity,
  SyncSettings,
  SyncSettingsChange,
  SyncStatus,
} from './sync-records.ts';
import { line, uuid } from './text.ts';

const tag = 'Sync';
const OfEntity = z.strictObject({ id: uuid() });

export const getSyncStatus = defineEndpoint({
  operationId: 'getSyncStatus',
  method: 'get',
  path: '/v1/sync/status',
  tag,
  summary: 'See how keeping WorkOS equal is doing',
  description: 'As a whole, or in one organization: then without the events, which belong to none.',
  key: 'manage',
  query: z.strictObject({ organization_id: OrganizationId.optional() }),
  answer: { status: 200, description: 'The status.', schema: SyncStatus },
  errors: ['organization_not_found'],
});

export const listSyncEntities = defineEndpoint({
  operationId: 'listSyncEntities',
  method: 'get',
  path: '/v1/sync/entities',
  tag,
  summary: 'List what is kept equal',
  description: 'Idle ones only when they are asked for.',
  key: 'manage',
  query: z.strictObject({
    ...pageQuery,
    organization_id: OrganizationId.optional(),
    state: State.optional(),
    kind: Kind.optional(),
  }),
  answer: {
    status: 200,
    description: 'One page, by organization.',
    schema: pageOf(SyncEntity, 'SyncEntityPage'),
  },
  errors: ['organization_not_found'],
});

export const retrySyncEntity = defineEndpoint({
  operationId: 'retrySyncEntity',
  method: 'post',
  path: '/v1/sync/entities/{id}/retry',
  tag,
  summary: 'Try an entity again now',
  description: 'Whatever it waits for. Everything is tried again by itself, at the latest hourly.',
  key: 'manage',
  writes: true,
  params: OfEntity,
  answer: { status: 200, description: 'The entity, due now.', schema: SyncEntity },
  errors: ['sync_entity_not_found'],
});

export const chooseSyncSide = defineEndpoint({
  operationId: 'chooseSyncSide',
  method: 'post',
  path: '/v1/sync/entities/{id}/choose',
  tag,
  summary: 'Choose the side of an entity that waits for a person',
  description: '`here` sends what Rolecall has to WorkOS, `there` takes over what WorkOS has.',
  key: 'manage',
  acts: true,
  params: OfEntity,
  body: z.strictObject({ side: z.enum(['here', 'there']) }).openapi('SyncChoice'),
  answer: { status: 200, description: 'The entity as it is now.', schema: SyncEntity },
  errors: [
    'sync_entity_not_found',
    'organization_not_linked',
    'nothing_to_choose',
    'organization_busy',
    'workos_not_connected',
    'workos_refused',
    'workos_unavailable',
  ],
});

export const listSyncEvents = defineEndpoint({
  operationId: 'listSyncEvents',
  method: 'get',
  path: '/v1/sync/events',
  tag,
  summary: 'List events that were read and not processed',
  description: 'For a key of the whole environment.',
  key: 'manage',
  query: z.strictObject({
    ...pageQuery,
    state: z.enum(['parked', 'quarantined']).optional().openapi({ default: 'quarantined' }),
  }),
  answer: {
    status: 200,
    description: 'One page, oldest first.',
    schema: pageOf(HeldEvent, 'HeldEventPage'),
  },
});

export const replaySyncEvents = defineEndpoint({
  operationId: 'replaySyncEvents',
  method: 'post',
  path: '/v1/sync/events/replay',
  tag,
  summary: 'Try quarantined events again',
  description: 'All of them, or one. For a key of the whole environment.',
  key: 'manage',
  acts: true,
  body: z.strictObject({ event_id: line(255).optional() }).openapi('SyncReplay'),
  answer: {
    status: 200,
    description: 'How many are in order now, and how many are not.',
    schema: z.object({ replayed: count(), quarantined: count() }).openapi('SyncReplayed'),
  },
});

export const getSyncSettings = defineEndpoint({
  operationId: 'getSyncSettings',
  method: 'get',
  path: '/v1/sync/settings',
  tag,
  summary: 'Read the settings of the environment',
  description: 'For a key of the whole environment.',
  key: 'manage',
  answer: { status: 200, description: 'The settings.', schema: SyncSettings },
});

export const updateSyncSettings = defineEndpoint({
  operationId: 'updateSyncSettings',
  method: 'patch',
  path: '/v1/sync/settings',
  tag,
  summary: 'Change the settings of the environment',
  description: 'Changes what it names. For a key of the whole environment.',
  key: 'manage',
  writes: true,
  body: SyncSettingsChange,
  answer: { status: 200, description: 'The settings as they are now.', schema: SyncSettings },
});

const askingWorkos = [
  'organization_not_linked',
  'workos_not_connected',
  'workos_refused',
  'workos_unavailable',
] as const;

export const findSyncDrift = defineEndpoint({
  operationId: 'findSyncDrift',
  method: 'get',
  path: '/v1/organizations/{org}/sync/drift',
  tag,
  summary: 'Compare an organization with WorkOS',
  description: 'Lists both sides completely, which takes a call for each hundred members.',
  key: 'manage',
  onBehalf: true,
  params: InOrganization,
  answer: { status: 200, description: 'What differs.', schema: SyncDrift },
  errors: askingWorkos,
});

export const repairSync = defineEndpoint({
  operationId: 'repairSync',
  method: 'post',
  path: '/v1/organizations/{org}/sync/repair',
  tag,
  summary: 'Have what differs mended',
  description:
    'A dry run unless told otherwise. Mending goes through the one routine, in the background: watch the status.',
  key: 'manage',
  acts: true,
  onBehalf: true,
  params: InOrganization,
  body: z
    .strictObject({ dry_run: z.boolean().optional().openapi({ default: true }) })
    .openapi('SyncRepair', { example: { dry_run: false } }),
  answer: { status: 200, description: 'What differed before.', schema: SyncDrift },
  errors: askingWorkos,
});

export const releaseSyncBrake = defineEndpoint({
  operationId: 'releaseSyncBrake',
  method: 'post',
  path: '/v1/organizations/{org}/sync/release',
  tag,
  summary: 'Say that a removal of very many is meant',
  description: 'What was held back goes on, and for an hour whatever else is removed.',
  key: 'manage',
  acts: true,
  onBehalf: true,
  params: InOrganization,
  body: z
    .strictObject({ direction: z.enum(['to_workos', 'from_workos']).optional() })
    .openapi('SyncRelease'),
  answer: {
    status: 200,
    description: 'How many brakes were released.',
    schema: z.object({ released: count() }).openapi('SyncReleased'),
  },
});
