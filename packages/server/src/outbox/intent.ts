import { type SyncEntityKind } from '../database/index.ts';

/**
 * In which order intents of one organization are carried out: what takes rights away first, and roles
 * before those who are to hold them.
 */
export const priorities = { revocation: 0, role: 1, assignment: 2, roleDeletion: 3 } as const;

export type IntentPriority = (typeof priorities)[keyof typeof priorities];

/** A note that a thing must be made equal in WorkOS. It names the thing, never the call. */
export interface Intent {
  readonly kind: SyncEntityKind;
  readonly subjectId: string;
  readonly priority: IntentPriority;
}
