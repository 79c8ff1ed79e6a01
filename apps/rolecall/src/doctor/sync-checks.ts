import { readSyncStatus, type SyncStatus } from '@rolecall/server';
import { type Database, query } from '@rolecall/server/database';
import type { Config } from '../config.ts';
import { count, duration } from '../output/index.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** What is not confirmed after so long is stuck, or WorkOS is away. */
const LONG_PENDING_MS = 3_600_000;
/** WorkOS keeps events for thirty days at least; two thirds of that. */
const LONG_UNREAD_MS = 20 * 86_400_000;

/** Looks at what keeps WorkOS equal, as the database knows it; WorkOS itself is not asked. */
export async function checkSync(database: Database, config: Config): Promise<readonly Finding[]> {
  const status = await readSyncStatus(database.db);
  if (status.linked === 0) return [describeWorkos(config)];
  const { planned, conflict, blocked, quarantined } = status.entities;
  const waiting = planned + conflict + blocked + quarantined;
  const { oldestPendingMs } = status;
  return [
    describeWorkos(config),
    await checkCircuit(database),
    waiting === 0
      ? ok('sync', `${count(status.linked, 'organization')} kept equal, nothing waits for a person`)
      : warn(
          'sync',
          `${count(waiting, 'thing')} wait for a person: ${planned} planned, ${conflict} in conflict, ` +
            `${blocked} blocked, ${quarantined} quarantined`,
          'see what can be done about each: npx rolecall sync entities',
        ),
    oldestPendingMs === null || oldestPendingMs < LONG_PENDING_MS
      ? ok('pending', `${count(status.pending, 'change')} on the way to WorkOS`)
      : warn(
          'pending',
          `a change is on the way to WorkOS for ${duration(oldestPendingMs)}`,
          'see whether WorkOS answers, and why: npx rolecall sync status',
        ),
    checkEvents(status),
  ];
}

function checkEvents({ cursorAgeMs, quarantinedEvents }: SyncStatus): Finding {
  if (cursorAgeMs !== null && cursorAgeMs >= LONG_UNREAD_MS) {
    return fail(
      'events',
      `the stream of WorkOS was not read for ${duration(cursorAgeMs)}`,
      'run `serve` or `worker` with WORKOS_API_KEY before WorkOS forgets what happened',
    );
  }
  if (quarantinedEvents === 0) return ok('events', 'all are processed');
  return warn(
    'events',
    `${count(quarantinedEvents, 'event')} quarantined`,
    'see why: npx rolecall sync events; then npx rolecall sync replay',
  );
}

function describeWorkos({ workos }: Config): Finding {
  if (workos === undefined) {
    return ok(
      'workos',
      'WORKOS_API_KEY is not set: `start` simulates one, `serve` keeps none equal',
    );
  }
  const { apiUrl = 'https://api.workos.com', clientId, webhookSecrets } = workos;
  const client = clientId === undefined ? '' : `, ${clientId}`;
  if (webhookSecrets.length > 0) return ok('workos', `${apiUrl}${client}, webhooks are expected`);
  return warn(
    'workos',
    `${apiUrl}${client}, without WORKOS_WEBHOOK_SECRET`,
    'set it, or changes in WorkOS are found within a minute instead of at once',
  );
}

async function checkCircuit({ db }: Database): Promise<Finding> {
  const [gate] = await query<{ readonly circuit: string }>(db, {
    text: 'SELECT circuit FROM rolecall.workos_gate',
  });
  if (gate?.circuit === 'open') {
    return warn('circuit', 'WorkOS did not answer', 'nothing: it is probed, and all is sent then');
  }
  if (gate?.circuit === 'refused') {
    return fail('circuit', 'WorkOS refuses the key', 'set WORKOS_API_KEY to one that it takes');
  }
  return ok('circuit', 'WorkOS answered last');
}
