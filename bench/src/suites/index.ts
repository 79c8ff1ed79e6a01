/** The suites of `npm run bench`, in the order of the report. */
import { type Result } from '../report.ts';
import { allocations } from './allocations.ts';
import { auditChain } from './audit-chain.ts';
import { bound } from './bound.ts';
import { can } from './can.ts';
import { checkHttp } from './check-http.ts';
import { checkWorkers } from './check-workers.ts';
import { coldPrincipal } from './cold-principal.ts';
import { compile } from './compile.ts';
import { decisionLog } from './decision-log.ts';
import { importRate } from './import-rate.ts';
import { matrices } from './matrices.ts';
import { dualReads } from './dual-reads.ts';
import { legacyBackfill } from './legacy-backfill.ts';
import { memberPage } from './member-page.ts';
import { memory } from './memory.ts';
import { peers } from './peers.ts';
import { principal } from './principal.ts';
import { principalLoad } from './principal-load.ts';
import { revoke } from './revoke.ts';
import { roleWrite } from './role-write.ts';
import { services } from './services.ts';
import { syncBackfill } from './sync-backfill.ts';
import { syncLatency } from './sync-latency.ts';
import { syncBudget } from './sync-budget.ts';
import { syncRates } from './sync-rates.ts';
import { storage } from './storage.ts';
import { temporalShare } from './temporal-share.ts';

/** What a suite finds, and on which PostgreSQL if it uses one. */
export type Findings = Pick<
  Result,
  'method' | 'columns' | 'rows' | 'more' | 'charts' | 'targets' | 'reading' | 'versions'
> & { readonly postgresVersion?: string };

/** How a suite is to run. */
export interface RunOptions {
  /** Small sizes, to see that it works. */
  readonly small: boolean;
}

/** One measurement with a name to ask for it. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly run: (options: RunOptions) => Promise<Findings>;
  readonly nodeFlags?: readonly string[];
  /** After which it counts as failed; ten minutes unless told otherwise. */
  readonly limitSeconds?: number;
}

export const suites: readonly Suite[] = [
  can,
  principal,
  allocations,
  compile,
  peers,
  matrices,
  coldPrincipal,
  principalLoad,
  revoke,
  bound,
  roleWrite,
  auditChain,
  memory,
  memberPage,
  importRate,
  dualReads,
  legacyBackfill,
  checkHttp,
  checkWorkers,
  services,
  decisionLog,
  syncLatency,
  syncRates,
  syncBackfill,
  storage,
  temporalShare,
  syncBudget,
];
