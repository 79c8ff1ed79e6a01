import { type Db } from '../../database/index.ts';
import { type RemoteMembership, type RemoteRole, type WorkosPort } from '../../workos/index.ts';
import { type Heard, type Lease, type SyncSettings } from '../entity/index.ts';

/** The two moments between which a process may die; for tests that make it die there. */
export type SyncStep = 'recorded' | 'answered' | 'committed';

/** Everything that converging an entity of one organization needs, for as long as one lease is held. */
export interface ConvergeContext {
  readonly db: Db;
  readonly port: WorkosPort;
  readonly lease: Lease;
  readonly organizationId: string;
  /** The organization's id in WorkOS. */
  readonly workosId: string;
  readonly settings: SyncSettings;
  readonly multipleRoles: boolean;
  readonly random: () => number;
  /** Told before and after each call and commit. */
  readonly reached: (step: SyncStep) => void | Promise<void>;
  readonly seen: Sightings;
  /** The event that led to this; null when none did: a comparison of everything, a retry, a person. */
  readonly cause: string | null;
  /** What was written while the lease is held: memberships by their remote id, roles by their slug. */
  readonly written: Set<string>;
}

/**
 * What a complete listing has shown of the thing that is being converged, if nothing was heard of it since. A
 * sighting serves one observation and is then forgotten. That something is not among them says nothing: absence
 * is always asked for directly.
 */
export interface Sightings {
  readonly roles: Map<string, RemoteRole>;
  readonly memberships: Map<string, ObservedMembership>;
}

/** A membership as WorkOS has shown it, and what had been heard of it before it was asked for. */
export interface ObservedMembership {
  readonly remote: RemoteMembership;
  readonly heard: Heard;
}

/** No sightings yet. */
export function noSightings(): Sightings {
  return { roles: new Map(), memberships: new Map() };
}

/**
 * The sighting of a key, which is forgotten. INVARIANT (own writes): what was written under this lease is never
 * compared with what a listing has shown, for that may be older and would undo the write.
 */
export function useSighting<T>(
  { written }: ConvergeContext,
  sightings: Map<string, T>,
  key: string,
): T | undefined {
  const seen = sightings.get(key);
  sightings.delete(key);
  return written.has(key) ? undefined : seen;
}
