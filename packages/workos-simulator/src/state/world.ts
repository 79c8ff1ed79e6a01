import { type Clock } from '../clock.ts';
import { createIdentifierSource, type IdentifierSource } from '../identifiers.ts';
import { EventLog } from './event-log.ts';
import { createStore, type Store } from './store.ts';

/** What a person sets in the dashboard for the whole environment. */
export interface EnvironmentSettings {
  readonly environmentId: string;
  /** Whether a membership may hold more than one role. */
  multipleRoles: boolean;
  /** The role of whoever was given none. */
  defaultRoleSlug: string;
  /** Slugs of environment roles, the most important first; the others follow in order of creation. */
  rolePriority: readonly string[];
  /** How long after the deletion of an environment role its members are reassigned, and how many at once. */
  reassignment: { readonly delayMs: number; readonly batch: number };
}

/** One WorkOS environment: its objects, its events, its settings. Everything in `state/` works on it. */
export interface World {
  readonly seed: string;
  readonly clock: Clock;
  readonly ids: IdentifierSource;
  readonly store: Store;
  readonly events: EventLog;
  readonly settings: EnvironmentSettings;
  /** The time in milliseconds; never less than it was before. */
  readonly now: () => number;
  /** Told after every change of state. */
  readonly changes: Set<() => void>;
}

/** An environment without any object. */
export function createWorld(seed: string, clock: Clock, settings: EnvironmentSettings): World {
  let latest = 0;
  const now = (): number => {
    latest = Math.max(latest, clock.now());
    return latest;
  };
  return {
    seed,
    clock,
    ids: createIdentifierSource(seed, now),
    store: createStore(),
    events: new EventLog(seed),
    settings,
    now,
    changes: new Set(),
  };
}

/**
 * Records that something happened. INVARIANT (every change has its event): a command stores its records
 * first and emits in the same step, so replaying the stream onto nothing gives what the API shows.
 */
export function emit(
  world: World,
  event: string,
  data: Readonly<Record<string, unknown>>,
  organizationId: string | null,
): string {
  const logged = world.events.append({
    id: world.ids.next('event'),
    event,
    data,
    createdAt: world.now(),
    organizationId,
  });
  for (const changed of world.changes) changed();
  return logged.id;
}
