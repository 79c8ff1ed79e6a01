import { type Db, inTransaction } from '../../database/index.ts';
import { lockOrganization } from '../../identity/index.ts';
import { closeMirror, ensureEnvironmentRole, keepingWatch } from '../../roles/index.ts';
import { type WorkosPort } from '../../workos/index.ts';
import { backoffMs, stopsEverything, unlessGone } from '../converge/index.ts';
import { raiseMarks } from '../entity/index.ts';
import {
  type EnvironmentMarkRow,
  listEnvironmentMarks,
  postponeEnvironmentMark,
  settleEnvironmentMark,
} from '../inbound/index.ts';
import {
  buryEnvironmentRole,
  buryPerson,
  type Concerned,
  holdersOfEnvironmentRole,
  listLinked,
  membershipsOfPerson,
  renameOrganization,
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
        const againInMs = backoffMs(mark.failures + 1, random);
        await postponeEnvironmentMark(db, { mark, againInMs });
      }
    }
  }
}

async function lookAt(
  options: EnvironmentOptions,
  { kind, key }: EnvironmentMarkRow,
): Promise<void> {
  switch (kind) {
    case 'user':
      return lookAtPerson(options, key);
    case 'environment_role':
      return lookAtEnvironmentRole(options, key);
    case 'organization':
      return lookAtOrganization(options, key);
  }
}

/** A profile is taken over with the memberships; somebody who is no more is denied everywhere first. */
async function lookAtPerson({ db, port }: EnvironmentOptions, remoteId: string): Promise<void> {
  const there = await unlessGone(() => port.getUser(remoteId));
  const gone = there === undefined && (await buryPerson(db, remoteId));
  await markMembers(db, await membershipsOfPerson(db, remoteId), gone);
}

async function lookAtEnvironmentRole(
  { db, port }: EnvironmentOptions,
  slug: string,
): Promise<void> {
  const role = (await port.listEnvironmentRoles()).find((one) => one.slug === slug);
  if (role === undefined) {
    await buryEnvironmentRole(db, slug);
    return markMembers(db, await holdersOfEnvironmentRole(db, slug), true);
  }
  for (const { id } of await listLinked(db)) {
    await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await ensureEnvironmentRole(tx, lock, role);
      await closeMirror(tx, lock, [{ changed: { organization: true }, entries: [] }]);
    });
  }
}

async function lookAtOrganization(
  { db, port }: EnvironmentOptions,
  remoteId: string,
): Promise<void> {
  const linked = (await listLinked(db)).find(({ workosId }) => workosId === remoteId);
  const remote = linked && (await unlessGone(() => port.getOrganization(remoteId)));
  if (linked === undefined || remote === undefined) return;
  await inTransaction(db, async (tx) => {
    const lock = await lockOrganization(tx, linked.id);
    if (!(await renameOrganization(tx, linked.id, remote.name))) return;
    const after = { name: remote.name };
    const subject = `organization:${linked.id}`;
    const entries = [{ action: 'organization.updated', subject, after }] as const;
    await closeMirror(tx, lock, [{ changed: {}, entries }]);
  });
}

/** Marks memberships, organization by organization; `denied` says that their answers change at once. */
async function markMembers(
  db: Db,
  concerned: readonly Concerned[],
  denied: boolean,
): Promise<void> {
  for (const [id, members] of Map.groupBy(concerned, (one) => one.organizationId)) {
    await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, id);
      await keepingWatch(tx, lock, () =>
        raiseMarks(
          tx,
          id,
          'membership',
          members.map((one) => one.workosMembershipId),
        ),
      );
      const users = denied ? members.map((one) => one.userId) : [];
      await closeMirror(tx, lock, [{ changed: { users }, entries: [] }]);
    });
  }
}
