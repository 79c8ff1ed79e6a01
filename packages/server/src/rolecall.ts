import { builtinPolicy, type Policy } from '@rolecall/policy';
import { type Access, createAccess } from './access/index.ts';
import { bindRoles, type Roles } from './bind-roles.ts';
import { type Database, openDatabase, runMigrations } from './database/index.ts';
import { createApp, createMetrics, type Logger, version } from './http/index.ts';

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
  /** Makes `/readyz` fail. */
  readonly isShuttingDown?: () => boolean;
};

/** Rolecall inside a host's own process. */
export interface Rolecall<Scope extends string = string> {
  /** Writes, and the lists of what was written; each command is one transaction. */
  readonly roles: Roles;
  /** Reads: principals, checks, filters, explanations. */
  readonly access: Access<Scope>;
  /** The HTTP API, from a standard request to a standard answer. */
  readonly handler: (request: Request) => Promise<Response>;
  /** Brings the schema up to date; several processes may do so at once. */
  readonly migrate: () => Promise<readonly string[]>;
  /** Closes what was opened here. May be called more than once. */
  readonly close: () => Promise<void>;
}

/** Assembles Rolecall. Connects to nothing by itself: a database that is away is an error of the first call. */
export function createRolecall<Scope extends string = string>(
  options: RolecallOptions<Scope>,
): Rolecall<Scope> {
  const database = options.database ?? openDatabase({ url: options.databaseUrl });
  const policy = options.policy ?? (builtinPolicy as Policy as Policy<Scope>);
  const access = createAccess({ database, policy });
  const { logger, isShuttingDown, processMetrics = false } = options;
  const metrics = createMetrics({ version, database, access, ofProcess: processMetrics });
  const app = createApp({
    database,
    access,
    policy,
    metrics,
    ...(logger !== undefined && { logger }),
    ...(isShuttingDown !== undefined && { isShuttingDown }),
  });
  return {
    roles: bindRoles(database.db, policy),
    access,
    handler: async (request) => app.fetch(below(options.basePath, request)),
    migrate: () => runMigrations(database.url),
    close: async () => {
      await access.close();
      if (options.database === undefined) await database.close();
    },
  };
}

/** The request as it looks from below the base path; one from elsewhere finds nothing. */
function below(basePath: string | undefined, request: Request): Request {
  if (basePath === undefined) return request;
  const url = new URL(request.url);
  const isBelow = url.pathname.startsWith(`${basePath}/`);
  url.pathname = isBelow ? url.pathname.slice(basePath.length) : '/';
  return new Request(url, request);
}
