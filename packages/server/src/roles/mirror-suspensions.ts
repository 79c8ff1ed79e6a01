import { type Tx } from '../database/index.ts';
import { type OrganizationLock, suspendRemoteMembership } from '../identity/index.ts';
import { memberSubject } from './member.ts';
import { keepingWatch, type MirrorTraces } from './mirror.ts';

/** A membership that WorkOS says is suspended or removed. */
export interface Suspension {
  readonly remoteId: string;
  /** The event, where it is another one than what the whole transaction is about. */
  readonly eventId?: string;
}

/**
 * Denies at once whom WorkOS says is suspended or removed, and keeps what they hold. INVARIANT (incarnations):
 * only the memberships with these very remote ids; whether one was let in again, the observation tells.
 */
export async function mirrorSuspensions(
  tx: Tx,
  lock: OrganizationLock,
  suspensions: readonly Suspension[],
): Promise<MirrorTraces> {
  const users: string[] = [];
  const entries: MirrorTraces['entries'][number][] = [];
  await keepingWatch(tx, lock, async () => {
    for (const { remoteId, eventId } of suspensions) {
      const suspended = await suspendRemoteMembership(tx, lock, remoteId);
      if (suspended === undefined) continue;
      if (suspended.userId !== null) users.push(suspended.userId);
      entries.push({
        action: 'member.updated',
        subject: memberSubject(suspended),
        before: { status: suspended.status },
        after: { status: 'inactive' },
        ...(eventId !== undefined && { cause: eventId }),
      });
    }
  });
  return { changed: { users }, entries };
}
