import type { Policy } from '@rolecall/policy';
import {
  type AccessReport,
  createRolecall,
  type MakeRunner,
  purgeIdempotencyKeys,
  type Rolecall,
  type WorkosConnection,
} from '@rolecall/server';
import { type Database, openDatabase } from '@rolecall/server/database';
import type { Logger } from 'pino';
import { CliError } from './cli-error.ts';
import { findInvalidGrants } from './doctor/index.ts';
import type { Config, MemoryConfig } from './config.ts';
import { exitCodes } from './exit-codes.ts';
import { count } from './output/index.ts';
import { logSync } from './log-sync.ts';

/** The assembled authority. */
export interface Wired extends Pick<Rolecall, 'direct' | 'figures' | 'handler' | 'roles' | 'sync'> {
  readonly database: Database;
  close(): Promise<void>;
}

export interface WireOptions {
  readonly databaseUrl: string;
  readonly policy: Policy;
  /** The WorkOS environment that is kept equal once `sync.start()` was called; none without it. */
  readonly workos?: WorkosConnection | undefined;
  /** What wakes up the work of keeping it equal; PostgreSQL alone without it. */
  readonly runner?: MakeRunner | undefined;
  readonly log: Logger;
  readonly isShuttingDown: () => boolean;
  /** What a host gets that sets nothing, unless told otherwise. */
  readonly memory?: MemoryConfig;
  readonly pooler?: Config['pooler'];
  /** Whether it removes what is kept no longer; unless told otherwise it does. */
  readonly tidies?: boolean;
  /** Writes `/metrics`, where this process is one of several that share an address. */
  readonly metricsPage?: () => Promise<string>;
}

const HOUR_MS = 3_600_000;

/**
 * Assembles the authority on a database whose migrations are current, and keeps it tidy. Throws a
 * `CliError` when a stored deny means nothing under the policy: to start would be to allow what somebody
 * forbade.
 */
export async function wire({
  databaseUrl,
  policy,
  workos,
  runner,
  log,
  isShuttingDown,
  memory,
  pooler = 'none',
  tidies = true,
  metricsPage,
}: WireOptions): Promise<Wired> {
  const database = openDatabase({
    url: databaseUrl,
    preparedStatements: pooler === 'none',
    onIdleConnectionLost: (error) => {
      log.warn({ reason: error.message }, 'a connection to the database was lost');
    },
  });
  try {
    await requireValidDenies(database, policy);
  } catch (error) {
    await database.close();
    throw error;
  }
  const rolecall = createRolecall({
    database,
    policy,
    logger: log,
    isShuttingDown,
    processMetrics: true,
    ...(memory !== undefined && accessOptions(memory)),
    ...(workos !== undefined && { workos }),
    ...(runner !== undefined && { runner }),
    ...(metricsPage !== undefined && { metricsPage }),
  });
  await rolecall.start();
  sayFreshness(rolecall.access.report(), log);
  if (rolecall.sync !== undefined) logSync(rolecall.sync, log);
  const stopTidying = tidies ? tidyHourly(database, rolecall, log) : () => undefined;
  return {
    database,
    direct: rolecall.direct,
    figures: rolecall.figures,
    handler: rolecall.handler,
    roles: rolecall.roles,
    sync: rolecall.sync,
    close: async () => {
      stopTidying();
      await rolecall.close();
      await database.close();
    },
  };
}

function accessOptions({ maxBytes, boundMs, pollIntervalMs }: MemoryConfig) {
  return {
    memory: { maxBytes },
    freshness: { boundMs, ...(pollIntervalMs !== undefined && { pollIntervalMs }) },
  };
}

/** Says in the log how changes reach this process, and warns where only a poll finds them. */
function sayFreshness({ freshness }: AccessReport, log: Logger): void {
  const { notifications, notice, boundMs } = freshness;
  const fields = { notifications, bound_ms: boundMs, ...(notice !== undefined && { notice }) };
  if (notifications === 'listening') log.info(fields, 'answers come from memory');
  else log.warn(fields, 'changes are not announced to this process');
}

function tidyHourly(
  database: Database,
  rolecall: Pick<Rolecall, 'roles'>,
  log: Logger,
): () => void {
  const tidying = setInterval(() => {
    void tidyUp(database, log);
    void purge(rolecall, log);
  }, HOUR_MS);
  tidying.unref();
  return () => {
    clearInterval(tidying);
  };
}

/** Every process does it: what one has removed, the others no longer find. */
async function tidyUp(database: Database, log: Logger): Promise<void> {
  try {
    const removed = await purgeIdempotencyKeys(database.db);
    if (removed > 0) log.info({ removed }, 'idempotency keys are no longer kept');
  } catch (error) {
    log.warn({ reason: String(error) }, 'idempotency keys were not tidied up');
  }
}

/** Several may do it at once: each batch is removed by one of them, under the lock of its organization. */
async function purge({ roles }: Pick<Rolecall, 'roles'>, log: Logger): Promise<void> {
  try {
    const removed = await roles.purgeHistory();
    if (removed > 0) log.info({ removed }, 'history is no longer kept');
  } catch (error) {
    log.warn({ reason: String(error) }, 'history that is too old was not removed');
  }
}

async function requireValidDenies(database: Database, policy: Policy): Promise<void> {
  const invalid = await findInvalidGrants(database.db, policy, { onlyDenies: true });
  if (invalid.length === 0) return;
  throw new CliError(
    exitCodes.refused,
    'invalid_policy',
    'the policy does not understand denies that are stored',
    {
      problems: invalid.map(({ scope, rows, reason, exampleOrganization }) => ({
        path: scope,
        message: `${count(rows, 'deny', 'denies')}, for one in ${exampleOrganization}: ${reason}`,
      })),
      advice: 'declare what is missing in the policy, or take these grants from their roles first',
    },
  );
}
