import { type Policy } from '@rolecall/policy';
import { type Attribution } from './bind-roles.ts';
import { type Db, inTransaction, type Tx } from './database/index.ts';
import {
  backfillLegacy,
  type BackfillOptions,
  type CommandContext,
  cutOverLegacy,
  getLegacyStatus,
  importLegacyRows,
  openLegacy,
  planBackfill,
  type PrincipalGrantRow,
  purgeLegacy,
  rollBackLegacy,
  settleLegacySlug,
  type Settlement,
  verifyLegacy,
  type VerifyOptions,
} from './roles/index.ts';

/** The road from grants keyed by slugs to the cut-over, on one database. */
export type Legacy = ReturnType<typeof bindLegacy>;

/** Binds the steps of the road to a database and a policy. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- `Legacy` is read off it
export function bindLegacy(db: Db, policy: Policy) {
  const contextOf = (by: Attribution = {}): CommandContext => ({
    actor: by.actor ?? 'system',
    requestId: by.requestId ?? null,
    policy,
  });
  const step =
    <Result>(run: (tx: Tx, context: CommandContext) => Promise<Result>) =>
    (by?: Attribution): Promise<Result> =>
      inTransaction(db, (tx) => run(tx, contextOf(by)));
  return {
    status: () => getLegacyStatus(db),
    plan: (organizationId?: string) => planBackfill(db, organizationId),
    backfill: (options: BackfillOptions = {}, by?: Attribution) =>
      backfillLegacy(db, options, contextOf(by)),
    verify: (options: Omit<VerifyOptions, 'policy'> = {}) =>
      verifyLegacy(db, { ...options, policy }),
    open: step(openLegacy),
    cutOver: step(cutOverLegacy),
    rollBack: step(rollBackLegacy),
    purge: (options: Parameters<typeof purgeLegacy>[1] = {}, by?: Attribution) =>
      purgeLegacy(db, options, contextOf(by)),
    settle: (organizationId: string, settlement: Settlement, by?: Attribution) =>
      inTransaction(db, (tx) => settleLegacySlug(tx, organizationId, settlement, contextOf(by))),
    importRows: (organizationId: string, rows: readonly PrincipalGrantRow[], by?: Attribution) =>
      inTransaction(db, (tx) => importLegacyRows(tx, organizationId, rows, contextOf(by))),
  } as const;
}
