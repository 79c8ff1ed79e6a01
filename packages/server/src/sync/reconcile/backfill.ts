import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction, query, type Reader } from '../../database/index.ts';
import { identifierProblem } from '../../identity/index.ts';
import { type CommandContext, createOrganization } from '../../roles/index.ts';
import { type RemoteOrganization } from '../../workos/index.ts';
import {
  compareMemberships,
  compareRoles,
  type Comparison,
  drainOrganization,
  type DrainOptions,
} from '../drain/index.ts';
import { wantSnapshot } from './repair.ts';

export interface BackfillOptions extends DrainOptions {
  readonly db: Db;
  /** For whom the organizations are made that nobody here has. */
  readonly context: CommandContext;
  /** Only says what would be done; on unless told otherwise. */
  readonly dryRun?: boolean;
  /** Only these, by their ids in WorkOS; all of the environment unless told otherwise. */
  readonly workosIds?: readonly string[];
  /** Only those that are linked already, so none is made; off unless told otherwise. */
  readonly linkedOnly?: boolean;
  readonly progress?: (progress: BackfillProgress) => void;
}

/** How far a backfill has come with one organization. */
export interface BackfillProgress {
  readonly workosId: string;
  readonly doing: 'planning' | 'comparing';
  /** Roles and memberships of it that have been listed. */
  readonly listed: number;
}

/** How things of one kind compare on both sides. */
export interface Tally {
  readonly equal: number;
  /** Changed here and not sent yet. */
  readonly pending: number;
  /** Different, or not here: taken in or mended, or left for a person to choose a side. */
  readonly differing: number;
}

/** What a backfill finds, and does unless it is a dry run, about one organization of WorkOS. */
export interface BackfillPlan {
  readonly workosId: string;
  readonly name: string;
  /** Ours; null for one that nobody here has: it is made, enforcement off. */
  readonly organizationId: string | null;
  readonly roles: Tally;
  readonly memberships: Tally;
}

/**
 * Takes an existing environment in: every organization of WorkOS is listed and compared page by page, and unless
 * this is a dry run, made here where it is missing and compared as a whole. It holds one page in memory, may run
 * beside live events and beside other workers, and goes on where it was cut off when it is called again:
 * organizations that were made are there, and each comparison remembers its page. Yields one plan for each
 * organization, after what it says was done. Throws what calls throw.
 */
export async function* backfill(options: BackfillOptions): AsyncGenerator<BackfillPlan> {
  for await (const organization of chosen(options)) {
    if (options.signal?.aborted === true) return;
    const planned = await planOf(options, organization);
    if (options.dryRun ?? true) {
      yield planned;
      continue;
    }
    const organizationId = planned.organizationId ?? (await adopt(options, organization));
    await compareWhole(options, { organizationId, workosId: planned.workosId });
    yield { ...planned, organizationId };
  }
}

async function* chosen(options: BackfillOptions): AsyncIterable<RemoteOrganization> {
  const { db, port, workosIds, linkedOnly = false } = options;
  if (workosIds !== undefined) {
    for (const id of workosIds) yield await port.getOrganization(id);
    return;
  }
  for await (const organization of port.allOrganizations()) {
    if (linkedOnly && (await findOrganization(db, organization.remoteId)) === null) continue;
    yield organization;
  }
}

async function planOf(
  options: BackfillOptions,
  { remoteId: workosId, name }: RemoteOrganization,
): Promise<BackfillPlan> {
  const { db, port, progress } = options;
  const organizationId = await findOrganization(db, workosId);
  const here = organizationId ?? '';
  const roles = (await port.listRoles(workosId)).filter(({ kind }) => kind === 'organization');
  const roleTally = count([...(await compareRoles(db, here, roles)).values()]);
  let memberships: Tally = { equal: 0, pending: 0, differing: 0 };
  let listed = roles.length;
  let after: string | null = null;
  do {
    const from: { readonly after?: string } = after === null ? {} : { after };
    const page = await port.listMemberships({ organizationId: workosId }, from);
    const compared = await compareMemberships(db, here, page.items);
    memberships = add(memberships, count([...compared.values()]));
    listed += page.items.length;
    progress?.({ workosId, doing: 'planning', listed });
    after = page.next;
  } while (after !== null);
  return { workosId, name, organizationId, roles: roleTally, memberships };
}

/** One adopted from an existing environment starts `off`: taking it in must not break its host. */
async function adopt(
  { db, context }: BackfillOptions,
  { remoteId: workosId, name, externalId }: RemoteOrganization,
): Promise<string> {
  const ours = externalId !== null && identifierProblem(externalId) === undefined;
  const id = ours && !(await isTaken(db, externalId)) ? externalId : undefined;
  const made = await inTransaction(db, (tx) =>
    createOrganization(tx, { id, name, workosId, enforcement: 'off' }, context),
  );
  return made.value.id;
}

/** How long to leave an organization to the worker that has it. */
const BUSY_MS = 250;

async function compareWhole(
  options: BackfillOptions,
  { organizationId, workosId }: { readonly organizationId: string; readonly workosId: string },
): Promise<void> {
  const { db, progress, signal } = options;
  // One that is under way, or was never made, answers the wish as it is.
  if ((await readProgress(db, organizationId)).done) await wantSnapshot(db, organizationId);
  for (;;) {
    if (signal?.aborted === true) return;
    const result = await drainOrganization(options, organizationId);
    const { done, listed } = await readProgress(db, organizationId);
    progress?.({ workosId, doing: 'comparing', listed });
    if (done) return;
    if (result === 'busy') await sleep(BUSY_MS);
  }
}

interface Progress {
  readonly done: boolean;
  readonly listed: number;
}

async function readProgress(reader: Reader, organizationId: string): Promise<Progress> {
  const [row] = await query<Progress>(reader, {
    name: 'sync_read_progress',
    text: `SELECT o.snapshot_done = o.snapshot_wanted AS done, coalesce(s.listed, 0) AS listed
      FROM rolecall.sync_organizations o
      LEFT JOIN rolecall.sync_snapshots s ON s.organization_id = o.organization_id
      WHERE o.organization_id = $1`,
    values: [organizationId],
  });
  return row ?? { done: false, listed: 0 };
}

async function findOrganization(reader: Reader, workosId: string): Promise<string | null> {
  const [row] = await query<{ readonly id: string }>(reader, {
    name: 'sync_find_organization_of',
    text: 'SELECT id FROM rolecall.organizations WHERE workos_id = $1',
    values: [workosId],
  });
  return row?.id ?? null;
}

async function isTaken(reader: Reader, organizationId: string): Promise<boolean> {
  const rows = await query(reader, {
    text: 'SELECT FROM rolecall.organizations WHERE id = $1',
    values: [organizationId],
  });
  return rows.length > 0;
}

function count(compared: readonly Comparison[]): Tally {
  const of = (what: Comparison): number => compared.filter((one) => one === what).length;
  return { equal: of('equal'), pending: of('pending'), differing: of('differs') };
}

function add(one: Tally, other: Tally): Tally {
  return {
    equal: one.equal + other.equal,
    pending: one.pending + other.pending,
    differing: one.differing + other.differing,
  };
}
