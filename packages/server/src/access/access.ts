import { effectiveGrants, type Policy } from '@rolecall/policy';
import { type Database } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { answerChecks, answerFilter } from './answer.ts';
import {
  type CheckRequest,
  type CheckResult,
  type EffectiveGrants,
  type ExplainRequest,
  type ExplainResult,
  type FilterRequest,
  type FilterResult,
} from './check-request.ts';
import { pinLoaded } from './compile-loaded.ts';
import { type ReadOptions, requiredRevision, requireReached } from './consistency.ts';
import { loadPrincipal, requireActor } from './load-principal.ts';
import { readGrants } from './load-text.ts';
import { type PrincipalHandle } from './principal-handle.ts';
import { type AccessReport } from './report.ts';
import { encodeRevision } from './revision.ts';

/**
 * Answers who may do what. Every call may throw `organization_not_found`, `invalid_principal`,
 * `revision_unknown` and `database_unavailable`.
 */
export interface Access<Scope extends string = string> {
  /** Resolves a `user:` or `api_key:` principal for one request. */
  principal(
    organizationId: string,
    principal: string,
    options?: ReadOptions,
  ): Promise<PrincipalHandle<Scope>>;
  /**
   * Answers all checks from one state. Throws `invalid_request` for no checks, and `invalid_check`
   * with each invalid one in `details.problems` (`checks[3].scope`).
   */
  check(organizationId: string, request: CheckRequest<Scope>): Promise<CheckResult>;
  /** Throws `invalid_check` with the place of each problem (`resource_ids[7]`, `scope`). */
  filter(organizationId: string, request: FilterRequest<Scope>): Promise<FilterResult>;
  /** Always reads the database. Throws `invalid_check` and, for an unknown role, `role_not_found`. */
  explain(organizationId: string, request: ExplainRequest<Scope>): Promise<ExplainResult>;
  /** Always reads the database. Throws `member_not_found`. */
  effectiveGrants(organizationId: string, userId: string): Promise<EffectiveGrants<Scope>>;
  /** Begins to keep states in memory, and to keep them fresh; until then every call reads the database. */
  start(): Promise<void>;
  /** Stops keeping states fresh and forgets them. May be called more than once. */
  close(): Promise<void>;
  /** What is held in memory, and how fresh it is. */
  report(): AccessReport;
}

export interface AccessOptions<Scope extends string = string> {
  readonly database: Database;
  readonly policy: Policy<Scope>;
  readonly memory?: MemoryOptions;
  readonly freshness?: FreshnessOptions;
}

export interface MemoryOptions {
  /** What the states held in memory may take together; 256 MiB unless told otherwise. */
  readonly maxBytes?: number;
}

export interface FreshnessOptions {
  /** No answer in mode `cached` is older than this; 2,000 unless told otherwise. */
  readonly boundMs?: number;
  /** How often the primary is asked for changes; 1,000 unless told otherwise. */
  readonly pollIntervalMs?: number;
  /** Reads at the same time while nothing is confirmed; 16 unless told otherwise. */
  readonly maxConcurrentReads?: number;
}

/** Makes the reading side of one database and policy. Connects to nothing by itself. */
export function createAccess<Scope extends string>(options: AccessOptions<Scope>): Access<Scope> {
  return new DatabaseAccess(options);
}

class DatabaseAccess<Scope extends string> implements Access<Scope> {
  readonly #database: Database;
  readonly #policy: Policy<Scope>;

  constructor({ database, policy }: AccessOptions<Scope>) {
    this.#database = database;
    this.#policy = policy;
  }

  async principal(
    organizationId: string,
    principal: string,
    { consistency }: ReadOptions = {},
  ): Promise<PrincipalHandle<Scope>> {
    requireActor(principal);
    const required = requiredRevision(organizationId, consistency);
    const loaded = await loadPrincipal(this.#database.db, organizationId, principal);
    requireReached(loaded, required);
    return pinLoaded(this.#policy, organizationId, loaded);
  }

  async check(organizationId: string, request: CheckRequest<Scope>): Promise<CheckResult> {
    return answerChecks(await this.principal(organizationId, request.principal, request), request);
  }

  async filter(organizationId: string, request: FilterRequest<Scope>): Promise<FilterResult> {
    return answerFilter(await this.principal(organizationId, request.principal, request), request);
  }

  async explain(
    organizationId: string,
    { principal, check, consistency }: ExplainRequest<Scope>,
  ): Promise<ExplainResult> {
    const required = requiredRevision(organizationId, consistency);
    const loaded = await loadPrincipal(this.#database.db, organizationId, principal);
    requireReached(loaded, required);
    const handle = pinLoaded(this.#policy, organizationId, loaded);
    return { ...handle.explain(check), revision: handle.revision };
  }

  async effectiveGrants(organizationId: string, userId: string): Promise<EffectiveGrants<Scope>> {
    const principal = `user:${userId}`;
    const loaded = await loadPrincipal(this.#database.db, organizationId, principal);
    const { membership, enforcement, epoch, revision } = loaded;
    if (membership === 'none' || membership === 'deleted') {
      throw refusal('member_not_found', `\`${userId}\` is not a member of \`${organizationId}\``);
    }
    const rows = [...loaded.roles, loaded.direct].flatMap(readGrants);
    return {
      principal,
      membership,
      enforcement,
      scopes: effectiveGrants(this.#policy, rows),
      revision: encodeRevision({ organizationId, epoch, revision }),
    };
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  report(): AccessReport {
    return reportOfDatabaseMode;
  }
}

const reportOfDatabaseMode: AccessReport = {
  mode: 'database',
  freshness: {
    confirmed: false,
    stalenessMs: null,
    boundMs: 0,
    notifications: 'polling',
    polls: 0,
    failedPolls: 0,
  },
  memory: {
    organizations: 0,
    roles: 0,
    principals: 0,
    bytes: 0,
    maxBytes: 0,
    hits: 0,
    loads: 0,
    readThroughs: 0,
    evictions: 0,
  },
};
