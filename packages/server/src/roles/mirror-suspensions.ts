import { type Tx } from '../database/index.ts';
import { type OrganizationLock, suspendRemoteMembership } from '../identity/index.ts';
import { keepingWatch, type MirrorTraces } from './mirror.ts';

/**
 * Denies at once whom WorkOS says is suspended or removed, and keeps what they hold. INVARIANT (incarnations):
 * only the memberships with these very remote ids; whether one was let in again, the observation tells.
 */
export async function mirrorSuspensions(
  tx: Tx,
  lock: OrganizationLock,
  remoteIds: readonly string[],
): Promise<MirrorTraces> {
  const users: string[] = [];
  await keepingWatch(tx, lock, async () => {
    for (const remoteId of remoteIds) {
      const suspended = await suspendRemoteMembership(tx, lock, remoteId);
      if (suspended?.userId !== null && suspended !== undefined) users.push(suspended.userId);
    }
  });
  const entries = users.map((userId) => ({
    action: 'member.updated' as const,
    subject: `user:${userId}`,
    after: { status: 'inactive' },
  }));
  return { changed: { users }, entries };
}
