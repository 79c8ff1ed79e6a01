/** How an environment treats a change that somebody made in WorkOS to a field that Rolecall owns. */
export const syncModes = ['adopt', 'enforce'] as const;
export type SyncMode = (typeof syncModes)[number];

/**
 * What every decision is told beside the two sides and their base.
 *
 * `pending` says that a local change is not confirmed in WorkOS yet (`pushed_version < local_version`).
 * `linking` says that the entity was found when its organization was linked and has never been compared.
 * `unsettled` says that a call of ours may still take effect: its answer is missing and its deadline has
 * not passed. Nothing is adopted before.
 */
export interface Circumstances {
  readonly mode: SyncMode;
  readonly pending: boolean;
  readonly linking: boolean;
  readonly unsettled: boolean;
}
