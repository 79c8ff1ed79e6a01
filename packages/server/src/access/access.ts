import { effectiveGrants } from '@rolecall/policy';
import { refusal } from '../errors/index.ts';
import { type AccessOptions, type AccessSettings, settleOptions } from './access-options.ts';
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
import { loadPrincipal } from './load-principal.ts';
import { readGrants } from './load-text.ts';
import { type KeyMemory } from './memory/index.ts';
import { type PrincipalHandle, recordAnswers } from './principal-handle.ts';
import { DatabaseSource, type PrincipalSource } from './principal-source.ts';
import { type AccessReport } from './report.ts';
import { encodeRevision, type Written } from './revision.ts';
import { WarmNode } from './warm-node.ts';

/**
 * Answers who may do what. Every call may throw `organization_not_found`, `invalid_principal`,
 * `revision_unknown` and `database_unavailable`.
 */
export interface Access<Scope extends string = string> {
  /** The handle for mode `cached`, when it can be had at once; nothing is ever thrown. */
  find(organizationId: string, principal: string): PrincipalHandle<Scope> | undefined;
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
  /**
   * Begins to keep states in memory, and to keep them fresh; until then every call reads the database.
   * Resolves after the first attempt to reach the database, which may have failed: calls read until it
   * is reached.
   */
  start(): Promise<void>;
  /** Stops keeping states fresh and forgets them. May be called more than once. */
  close(): Promise<void>;
  /**
   * This process has committed a revision: whatever it answers from now on has reached it, also in mode
   * `cached`. Other processes hear of it as of every change.
   */
  wrote(revision: Written): void;
  /** The API keys that are kept, as fresh as everything else; none before `start`. */
  readonly keys: KeyMemory | undefined;
  /** What is held in memory, and how fresh it is. */
  report(): AccessReport;
}

/** Makes the reading side of one database and policy. Connects to nothing by itself. */
export function createAccess<Scope extends string>(options: AccessOptions<Scope>): Access<Scope> {
  return new AccessOfDatabase(settleOptions(options));
}

class AccessOfDatabase<Scope extends string> implements Access<Scope> {
  readonly #settings: AccessSettings<Scope>;
  readonly #cold: DatabaseSource<Scope>;
  #warm: WarmNode<Scope> | undefined;
  #closed = false;

  constructor(settings: AccessSettings<Scope>) {
    this.#settings = settings;
    this.#cold = new DatabaseSource(settings.database.db, settings.policy);
  }

  find(organizationId: string, principal: string): PrincipalHandle<Scope> | undefined {
    const handle = this.#source().find(organizationId, principal);
    return handle === undefined ? undefined : this.#recorded(handle);
  }

  principal(
    organizationId: string,
    principal: string,
    options?: ReadOptions,
  ): Promise<PrincipalHandle<Scope>> {
    const consistency = options?.consistency;
    if (consistency === undefined || consistency.mode === 'cached') {
      const handle = this.find(organizationId, principal);
      if (handle !== undefined) return Promise.resolve(handle);
    }
    const resolved = this.#source().resolve(organizationId, principal, consistency);
    return resolved.then((handle) => this.#recorded(handle));
  }

  async check(organizationId: string, request: CheckRequest<Scope>): Promise<CheckResult> {
    const handle = await this.principal(organizationId, request.principal, request);
    return answerChecks(handle, request);
  }

  async filter(organizationId: string, request: FilterRequest<Scope>): Promise<FilterResult> {
    const handle = await this.principal(organizationId, request.principal, request);
    return answerFilter(handle, request);
  }

  async explain(
    organizationId: string,
    { principal, check, consistency }: ExplainRequest<Scope>,
  ): Promise<ExplainResult> {
    const { database, policy } = this.#settings;
    const required = requiredRevision(organizationId, consistency);
    const loaded = await loadPrincipal(database.db, organizationId, principal);
    requireReached(loaded, required);
    const handle = pinLoaded(policy, organizationId, loaded);
    return { ...handle.explain(check), revision: handle.revision };
  }

  async effectiveGrants(organizationId: string, userId: string): Promise<EffectiveGrants<Scope>> {
    const { database, policy } = this.#settings;
    const principal = `user:${userId}`;
    const loaded = await loadPrincipal(database.db, organizationId, principal);
    const { membership, enforcement, epoch, revision } = loaded;
    if (membership === 'none' || membership === 'deleted') {
      throw refusal('member_not_found', `\`${userId}\` is not a member of \`${organizationId}\``);
    }
    const rows = [...loaded.roles, loaded.direct].flatMap(readGrants);
    return {
      principal,
      membership,
      enforcement,
      scopes: effectiveGrants(policy, rows),
      revision: encodeRevision({ organizationId, epoch, revision }),
    };
  }

  async start(): Promise<void> {
    if (this.#closed) return;
    this.#warm ??= new WarmNode(this.#settings);
    await this.#warm.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const warm = this.#warm;
    this.#warm = undefined;
    await warm?.close();
  }

  get keys(): KeyMemory | undefined {
    return this.#warm?.keys;
  }

  wrote(written: Written): void {
    this.#warm?.wrote(written);
  }

  report(): AccessReport {
    return this.#warm?.report() ?? coldReport(this.#settings);
  }

  #source(): PrincipalSource<Scope> {
    // Until the first poll has come back, the source that was started reads the database too.
    if (this.#warm === undefined && this.#settings.startsItself) void this.start();
    return this.#warm?.source ?? this.#cold;
  }

  #recorded(handle: PrincipalHandle<Scope>): PrincipalHandle<Scope> {
    const { recorder } = this.#settings;
    if (recorder !== undefined) recordAnswers(handle, recorder);
    return handle;
  }
}

function coldReport({ boundMs, maxBytes }: AccessSettings<string>): AccessReport {
  return {
    mode: 'database',
    freshness: {
      confirmed: false,
      stalenessMs: null,
      boundMs,
      notifications: 'polling',
      notice: 'not started: every call reads the database',
      polls: 0,
      failedPolls: 0,
    },
    memory: {
      organizations: 0,
      roles: 0,
      principals: 0,
      apiKeys: 0,
      bytes: 0,
      maxBytes,
      hits: 0,
      loads: 0,
      readThroughs: 0,
      evictions: 0,
    },
  };
}
