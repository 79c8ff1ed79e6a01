import { builtinPolicy, type Policy } from '@rolecall/policy';
import {
  type Access,
  createAccess,
  type FreshnessOptions,
  type MemoryOptions,
} from './access/index.ts';
import { bindLegacy, type Legacy } from './bind-legacy.ts';
import { bindRoles, type Roles } from './bind-roles.ts';
import { DecisionLog } from './decisions/index.ts';
import { type Database, openDatabase, runMigrations } from './database/index.ts';
import {
  createMetrics,
  createServers,
  type DirectLane,
  type Figures,
  type Logger,
  version,
} from './http/index.ts';
import { type MakeRunner, openSync, type Sync, type WorkosConnection } from './sync/index.ts';

/** Where Rolecall keeps its data: a URL to open, or a database that is open and stays its owner's to close. */
type Place =
  | { readonly databaseUrl: string; readonly database?: never }
  | { readonly database: Database; readonly databaseUrl?: never };

export type RolecallOptions<Scope extends string = string> = Place & {
  /** The vocabulary of the host; the built-in one unless told otherwise. */
  readonly policy?: Policy<Scope>;
  /** Where the handler's log lines go; nowhere unless told otherwise. */
  readonly logger?: Logger;
  /** The path below which `handler` is mounted, when the host's framework leaves it in the URL. */
  readonly basePath?: `/${string}`;
  /** Whether `/metrics` shows the process too; for a host that has no metrics of its own. */
  readonly processMetrics?: boolean;
  /** Writes `/metrics` instead, for one of several processes that share an address. */
  readonly metricsPage?: () => Promise<string>;
  /**
   * How much of what was read is kept in memory; `false` reads the database for every question. States are
   * kept from the first question on, and let go by `close`.
   */
  readonly memory?: MemoryOptions | false;
  /** How old an answer from memory may be. */
  readonly freshness?: FreshnessOptions;
  /**
   * `transaction`: a pooler that gives each transaction to any connection stands between. Nothing is then
   * prepared, and changes are found by polling alone. For a database that is opened here.
   */
  readonly pooler?: 'none' | 'transaction';
  /**
   * The WorkOS environment that is kept equal, from `sync.start()` on; none unless told otherwise. Webhooks go to
   * `/webhooks/workos` of the handler.
   */
  readonly workos?: WorkosConnection;
  /** What wakes up the work of keeping it equal; PostgreSQL alone unless told otherwise. */
  readonly runner?: MakeRunner;
  /** Makes `/readyz` fail. */
  readonly isShuttingDown?: () => boolean;
};

/** Rolecall inside a host's own process. */
export interface Rolecall<Scope extends string = string> {
  /** Writes, and the lists of what was written; each command is one transaction. */
  readonly roles: Roles;
  /** The road from grants keyed by the slugs of roles to grants keyed by their ids. */
  readonly legacy: Legacy;
  /** Reads: principals, checks, filters, explanations. */
  readonly access: Access<Scope>;
  /** The HTTP API, from a standard request to a standard answer. */
  readonly handler: (request: Request) => Promise<Response>;
  /**
   * The short way for a host that serves the API with a Node server of its own, at its root: plain checks
   * and filters are answered from memory at once, and whatever else is handed on, to end up with `handler`.
   */
  readonly direct: DirectLane;
  /**
   * Begins to keep states in memory now instead of with the first question. Resolves after the first attempt
   * to reach the database, which may have failed: questions read it until it is reached.
   */
  readonly start: () => Promise<void>;
  /** What keeps WorkOS equal, where `workos` was given. It does nothing by itself before its `start()`. */
  readonly sync: Sync | undefined;
  /** What `/metrics` of this process alone says, to be joined with that of others. */
  readonly figures: () => Promise<Figures>;
  /** Brings the schema up to date; several processes may do so at once. */
  readonly migrate: () => Promise<readonly string[]>;
  /** Closes what was opened here. May be called more than once. */
  readonly close: () => Promise<void>;
}

/** Assembles Rolecall. Connects to nothing by itself: a database that is away is an error of the first call. */
export function createRolecall<Scope extends string = string>(
  options: RolecallOptions<Scope>,
): Rolecall<Scope> {
  const database = options.database ?? open(options.databaseUrl, options.pooler);
  const policy = options.policy ?? (builtinPolicy as Policy as Policy<Scope>);
  const { memory, freshness } = options;
  const { logger, isShuttingDown, processMetrics = false, metricsPage, workos, runner } = options;
  const sync =
    workos &&
    openSync({
      db: database.db,
      url: database.url,
      workos,
      ...(runner !== undefined && { runner }),
    });
  const decisions = new DecisionLog({
    db: database.db,
    failed: (error) => logger?.warn({ reason: String(error) }, 'decisions could not be logged'),
  });
  const access = createAccess({
    database,
    policy,
    recorder: decisions,
    startsItself: memory !== false,
    ...(memory !== undefined && memory !== false && { memory }),
    ...(freshness !== undefined && { freshness }),
  });
  const metrics = createMetrics({
    version,
    database,
    access,
    ...(sync !== undefined && { sync }),
    decisions,
    ofProcess: processMetrics,
    ...(metricsPage !== undefined && { page: metricsPage }),
  });
  const { app, direct } = createServers({
    database,
    access,
    policy,
    metrics,
    ...(sync !== undefined && { sync }),
    ...(logger !== undefined && { logger }),
    ...(isShuttingDown !== undefined && { isShuttingDown }),
  });
  return {
    legacy: bindLegacy(database.db, policy),
    roles: bindRoles(database.db, policy, access),
    access,
    sync,
    direct,
    handler: async (request) => app.fetch(below(options.basePath, request)),
    start: async () => {
      if (memory !== false) await access.start();
    },
    figures: () => metrics.registry.getMetricsAsJSON(),
    migrate: () => runMigrations(database.url),
    close: async () => {
      await sync?.close();
      await access.close();
      await decisions.close();
      if (options.database === undefined) await database.close();
    },
  };
}

function open(url: string, pooler: 'none' | 'transaction' = 'none'): Database {
  return openDatabase({ url, preparedStatements: pooler === 'none' });
}

/** The request as it looks from below the base path; one from elsewhere finds nothing. */
function below(basePath: string | undefined, request: Request): Request {
  if (basePath === undefined) return request;
  const url = new URL(request.url);
  const isBelow = url.pathname.startsWith(`${basePath}/`);
  url.pathname = isBelow ? url.pathname.slice(basePath.length) : '/';
  return new Request(url, request);
}
