import { type Db, inTransaction, type Tx } from '../../database/index.ts';
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
import { appendIntents, type Intent, priorities } from '../../outbox/index.ts';
import { type WorkosPort } from '../../workos/index.ts';
import { Overtaken, planMarkFailure, stopsEverything, unlessGone } from '../converge/index.ts';
import { raiseMarks } from '../entity/index.ts';
import {
  type EnvironmentMarkRow,
  holdEnvironmentMark,
  listEnvironmentMarks,
  postponeEnvironmentMark,
  settleEnvironmentMark,
  settleStrangers,
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
const STRANGERS = 1_000;

/**
 * Looks at what was marked and belongs to no single organization: people, roles of the environment, names of
 * organizations. Each concerns many organizations, one transaction each; a mark is settled after the last of
 * them, so what was cut off is done again. Throws what stops everything.
 */
export async function drainEnvironment(options: EnvironmentOptions): Promise<void> {
  const { db, random = Math.random } = options;
  // An environment that was there before has many, and each would cost a call.
  while (await settleStrangers(db, STRANGERS));
  for (;;) {
    const marks = await listEnvironmentMarks(db, BATCH);
    if (marks.length === 0) return;
    for (const mark of marks) {
      try {
        await lookAt(options, mark);
        await settleEnvironmentMark(db, mark);
      } catch (error) {
        if (stopsEverything(error)) throw error;
        // More was heard of it, or somebody else was done with it meanwhile.
        if (error instanceof Overtaken) continue;
        const plan = planMarkFailure(error, { failures: mark.failures + 1, random });
        await postponeEnvironmentMark(db, { mark, ...plan });
      }
    }
  }
}

/**
 * One transaction by what was read for a mark. INVARIANT (marks of the environment): only while it is the mark that
 * was read. Whoever was paused writes nothing over what others have read since.
 */
async function whileMarked<T>(
  db: Db,
  mark: EnvironmentMarkRow,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return inTransaction(db, async (tx) => {
    if (!(await holdEnvironmentMark(tx, mark))) throw new Overtaken(`${mark.kind} \`${mark.key}\``);
    return work(tx);
  });
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
  mark: EnvironmentMarkRow,
): Promise<void> {
  const { key: workosUserId, eventId: cause } = mark;
  const there = await unlessGone(() => port.getUser(workosUserId));
  const gone =
    there === undefined
      ? await whileMarked(db, mark, (tx) => mirrorUserEnd(tx, { workosUserId, cause }))
      : undefined;
  const concerned = await membershipsOfPerson(db, workosUserId);
  if (gone === undefined) return markMembers(db, mark, concerned);
  const entry = { action: 'user.deleted', subject: gone } as const;
  return endForAll(db, mark, { concerned, entry });
}

async function lookAtEnvironmentRole(
  { db, port }: EnvironmentOptions,
  mark: EnvironmentMarkRow,
): Promise<void> {
  const { key: slug, eventId: cause } = mark;
  const role = (await port.listEnvironmentRoles()).find((one) => one.slug === slug);
  if (role === undefined) {
    const gone = await whileMarked(db, mark, (tx) => mirrorEnvironmentRoleEnd(tx, { slug, cause }));
    const concerned = await holdersOfEnvironmentRole(db, slug);
    if (gone === undefined) return markMembers(db, mark, concerned);
    const entry = { action: 'role.deleted', subject: gone.principal } as const;
    return endForAll(db, mark, { concerned, entry, roleId: gone.id });
  }
  for (const { id } of await listLinked(db)) {
    await whileMarked(db, mark, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await closeMirror(tx, lock, [await mirrorEnvironmentRole(tx, lock, { role, cause })], cause);
    });
  }
}

async function lookAtOrganization(
  { db, port }: EnvironmentOptions,
  mark: EnvironmentMarkRow,
): Promise<void> {
  const { key: remoteId, eventId: cause } = mark;
  const id = await findLinkedTo(db, remoteId);
  if (id === undefined) return;
  const remote = await unlessGone(() => port.getOrganization(remoteId));
  if (remote === undefined) return;
  await whileMarked(db, mark, async (tx) => {
    const lock = await lockOrganization(tx, id);
    await closeMirror(tx, lock, [await mirrorOrganizationName(tx, lock, remote.name)], cause);
  });
}

/** Marks memberships, organization by organization, to be looked at. */
async function markMembers(
  db: Db,
  mark: EnvironmentMarkRow,
  concerned: readonly Concerned[],
): Promise<void> {
  const { eventId: cause } = mark;
  const known = concerned.filter((one) => one.workosMembershipId !== null);
  for (const [id, members] of Map.groupBy(known, (one) => one.organizationId)) {
    await whileMarked(db, mark, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await keepingWatch(tx, lock, () => raiseMarks(tx, id, 'membership', marksOf(members, cause)));
      await closeMirror(tx, lock, [{ changed: {}, entries: [] }], cause);
    });
  }
}

interface End {
  readonly concerned: readonly Concerned[];
  /** The role that is over; nothing when it is the person. */
  readonly roleId?: string;
  /** How each organization's history tells it. */
  readonly entry: MirrorTraces['entries'][number];
}

/**
 * Something is over for all of them. INVARIANT (ended for all): every organization is told in which somebody is
 * concerned, also one that is not linked and also of members whom WorkOS does not know, for whoever answers from
 * memory loads nothing. Memberships of a person who is no more end by the routine, those that were never seen too.
 */
async function endForAll(
  db: Db,
  mark: EnvironmentMarkRow,
  { concerned, roleId, entry }: End,
): Promise<void> {
  const { eventId: cause } = mark;
  for (const [id, members] of Map.groupBy(concerned, (one) => one.organizationId)) {
    await whileMarked(db, mark, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await keepingWatch(tx, lock, () => raiseMarks(tx, id, 'membership', marksOf(members, cause)));
      if (roleId === undefined) await appendIntents(tx, lock, intentsOf(members));
      // Whoever remembers a role remembers what it grants, whoever holds it.
      const changed =
        roleId === undefined ? { users: members.map((one) => one.userId) } : { roles: [roleId] };
      await closeMirror(tx, lock, [{ changed, entries: [entry] }], cause);
    });
  }
}

function marksOf(
  members: readonly Concerned[],
  cause: string | null,
): readonly string[] | ReadonlyMap<string, string> {
  const remoteIds = members.flatMap(({ workosMembershipId }) => workosMembershipId ?? []);
  return cause === null ? remoteIds : new Map(remoteIds.map((remoteId) => [remoteId, cause]));
}

/** A mark names the life in WorkOS; who has none is looked at by their own id. */
function intentsOf(members: readonly Concerned[]): readonly Intent[] {
  const unseen = members.filter((one) => one.workosMembershipId === null);
  const turn = { kind: 'membership_roles', priority: priorities.revocation } as const;
  return unseen.map(({ membershipId }) => ({ ...turn, subjectId: membershipId }));
}
