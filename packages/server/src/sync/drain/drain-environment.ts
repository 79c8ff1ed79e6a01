import { type Db, inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import {
  closeMirror,
  keepingWatch,
  mirrorEnvironmentRole,
  mirrorEnvironmentRoleEnd,
  mirrorOrganizationName,
  type MirrorTraces,
  mirrorUserEnd,
} from '../../roles/index.ts';
import { type WorkosPort } from '../../workos/index.ts';
import { planMarkFailure, stopsEverything, unlessGone } from '../converge/index.ts';
import { raiseMarks } from '../entity/index.ts';
import {
  type EnvironmentMarkRow,
  listEnvironmentMarks,
  postponeEnvironmentMark,
  settleEnvironmentMark,
} from '../inbound/index.ts';
import {
  type Concerned,
  findLinkedTo,
  holdersOfEnvironmentRole,
  listLinked,
  membershipsOfPerson,
} from './environment-store.ts';

export interface EnvironmentOptions {
  readonly db: Db;
  readonly port: WorkosPort;
  readonly random?: () => number;
}

const BATCH = 20;

/**
 * Looks at what was marked and belongs to no single organization: people, roles of the environment, names of
 * organizations. Each concerns many organizations, one transaction each; a mark is settled after the last of
 * them, so what was cut off is done again. Throws what stops everything.
 */
export async function drainEnvironment(options: EnvironmentOptions): Promise<void> {
  const { db, random = Math.random } = options;
  for (;;) {
    const marks = await listEnvironmentMarks(db, BATCH);
    if (marks.length === 0) return;
    for (const mark of marks) {
      try {
        await lookAt(options, mark);
        await settleEnvironmentMark(db, mark);
      } catch (error) {
        if (stopsEverything(error)) throw error;
        const plan = planMarkFailure(error, { failures: mark.failures + 1, random });
        await postponeEnvironmentMark(db, { mark, ...plan });
      }
    }
  }
}

async function lookAt(options: EnvironmentOptions, mark: EnvironmentMarkRow): Promise<void> {
  switch (mark.kind) {
    case 'user':
      return lookAtPerson(options, mark);
    case 'environment_role':
      return lookAtEnvironmentRole(options, mark);
    case 'organization':
      return lookAtOrganization(options, mark);
  }
}

/** A profile is taken over with the memberships; somebody who is no more is denied everywhere first. */
async function lookAtPerson(
  { db, port }: EnvironmentOptions,
  { key: workosUserId, eventId: cause }: EnvironmentMarkRow,
): Promise<void> {
  const there = await unlessGone(() => port.getUser(workosUserId));
  const gone =
    there === undefined
      ? await inTransaction(db, (tx) => mirrorUserEnd(tx, { workosUserId, cause }))
      : undefined;
  const ended =
    gone === undefined ? undefined : ({ action: 'user.deleted', subject: gone } as const);
  await markMembers(db, await membershipsOfPerson(db, workosUserId), { ended, cause });
}

async function lookAtEnvironmentRole(
  { db, port }: EnvironmentOptions,
  { key: slug, eventId: cause }: EnvironmentMarkRow,
): Promise<void> {
  const role = (await port.listEnvironmentRoles()).find((one) => one.slug === slug);
  if (role === undefined) {
    const gone = await inTransaction(db, (tx) => mirrorEnvironmentRoleEnd(tx, { slug, cause }));
    const ended =
      gone === undefined ? undefined : ({ action: 'role.deleted', subject: gone } as const);
    return markMembers(db, await holdersOfEnvironmentRole(db, slug), { ended, cause });
  }
  for (const { id } of await listLinked(db)) {
    await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await closeMirror(tx, lock, [await mirrorEnvironmentRole(tx, lock, { role, cause })], cause);
    });
  }
}

async function lookAtOrganization(
  { db, port }: EnvironmentOptions,
  { key: remoteId, eventId: cause }: EnvironmentMarkRow,
): Promise<void> {
  const id = await findLinkedTo(db, remoteId);
  if (id === undefined) return;
  const remote = await unlessGone(() => port.getOrganization(remoteId));
  if (remote === undefined) return;
  await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, id);
    await closeMirror(tx, lock, [await mirrorOrganizationName(tx, lock, remote.name)], cause);
  });
}

interface Concern {
  /** What is over for all of them, when something is: their answers change at once. */
  readonly ended: MirrorTraces['entries'][number] | undefined;
  readonly cause: string | null;
}

/** Marks memberships, organization by organization. */
async function markMembers(
  db: Db,
  concerned: readonly Concerned[],
  { ended, cause }: Concern,
): Promise<void> {
  for (const [id, members] of Map.groupBy(concerned, (one) => one.organizationId)) {
    await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, id);
      const remoteIds = members.map((one) => one.workosMembershipId);
      const marked =
        cause === null ? remoteIds : new Map(remoteIds.map((remoteId) => [remoteId, cause]));
      await keepingWatch(tx, lock, () => raiseMarks(tx, id, 'membership', marked));
      const traces =
        ended === undefined
          ? { changed: {}, entries: [] }
          : { changed: { users: members.map((one) => one.userId) }, entries: [ended] };
      await closeMirror(tx, lock, [traces], cause);
    });
  }
}
