import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { inTransaction } from '../../../database/index.ts';
import { lockOrganization } from '../../../identity/index.ts';
import { addMember, createRole, deleteRole, setMemberRoles } from '../../../roles/index.ts';
import { type SyncStep } from '../../converge/index.ts';
import { ingest } from '../../inbound/ingest.ts';
import { drainEnvironment, findDrift, pullEvents, type PullResult } from '../../index.ts';
import { openWorld, type World } from '../world.ts';

/** The worlds in which the stories of this folder happen, and what happens in several of them. */

const worlds: World[] = [];

/** To be called after each test: closes what it has opened. */
export async function closeWorlds(): Promise<void> {
  for (const world of worlds.splice(0)) await world.close();
}

export async function linked(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
      dashboard.addMember({
        organization: 'Acme',
        user: 'bob@acme.test',
        roles: ['admin', 'member'],
      });
    },
  });
  worlds.push(world);
  await pull(world);
  await world.settle();
  return world;
}

/** Linked and compared, before anybody has read the stream. */
export async function compared(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
    },
  });
  worlds.push(world);
  await world.settle();
  return world;
}

/** Gives roles to a member by a call that reaches WorkOS and whose answer never comes. */
export async function sendUnanswered(
  world: World,
  userId: string | null,
  slugs: readonly string[],
): Promise<void> {
  const hang = { kind: 'hang', stage: 'after' } as const;
  world.simulator.faults.add({ match: { method: 'PUT' }, fault: hang, times: 1 });
  await world.run(setMemberRoles, { userId, roleIds: await roleIds(world, slugs) });
  await world.drain();
}

/** Everything that was sent and settled was so a day earlier. */
export async function dayPasses({ rows }: World): Promise<void> {
  await rows(`UPDATE rolecall.sync_attempts
    SET sent_at = sent_at - interval '1 day', deadline = deadline - interval '1 day'`);
  await rows(`UPDATE rolecall.sync_entities SET settled_at = settled_at - interval '1 day'`);
}

export const comparisons = (world: World): Promise<readonly unknown[]> =>
  world.rows('SELECT snapshot_done < snapshot_wanted AS waits FROM rolecall.sync_organizations');

export const pull = (world: World): Promise<PullResult> =>
  pullEvents({ db: world.test.db, port: world.workos.port });

/** Looks at what is marked and belongs to no single organization. */
export const lookAtEnvironment = (world: World): Promise<void> =>
  drainEnvironment({ db: world.test.db, port: world.workos.port });

/** A member on both sides who has other roles here than there; linked, and not compared. */
export async function meeting(): Promise<World> {
  const world = await openWorld({
    before: ({ dashboard }) => {
      dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['member'] });
    },
  });
  worlds.push(world);
  const link = 'UPDATE rolecall.organizations SET workos_id = $1';
  await world.rows(link, null);
  await world.run(addMember, { id: 'eve', email: 'eve@acme.test' });
  await world.run(setMemberRoles, { userId: 'eve', roleIds: await roleIds(world, ['admin']) });
  await world.rows(link, world.remoteId);
  return world;
}

/** The same, compared: somebody has to choose a side. */
export async function differing(): Promise<World> {
  const world = await meeting();
  await pull(world);
  await world.settle();
  return world;
}

/** A role whose creation was never answered, deleted again before it arrived. */
export async function deleteUnanswered(world: World): Promise<void> {
  const fault = { kind: 'hang' } as const;
  world.simulator.faults.add({ match: { method: 'POST' }, fault, times: 1 });
  const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.drain();
  await world.run(deleteRole, { roleId: id });
  await world.settle();
}

/**
 * A role is deleted here that eve has in WorkOS, whom nobody here knows by her membership there: the call that empties
 * it leaves her with `member`, and is never answered.
 */
export async function emptyUnanswered(world: World): Promise<void> {
  const { dashboard, faults } = world.simulator;
  const { id } = await world.run(createRole, { name: 'Auditor', grants: [] });
  await world.settle();
  dashboard.addMember({ organization: 'Acme', user: 'eve@acme.test', roles: ['org-auditor'] });
  faults.add({ match: { method: 'PUT' }, fault: { kind: 'hang' }, times: 1 });
  await world.run(deleteRole, { roleId: id });
  await world.drain();
  // However slowly this runs, the call may still take effect when she is taken in.
  await world.rows(`UPDATE rolecall.sync_attempts SET deadline = deadline + interval '2 seconds'`);
}

export const unansweredSets = (world: World): Promise<readonly unknown[]> =>
  world.rows(
    `SELECT e.kind, a.value -> 'roles' AS value FROM rolecall.sync_attempts a
       JOIN rolecall.sync_entities e ON e.id = a.entity_id WHERE a.value ? 'roles'`,
  );

/** Somebody, or a call of ours that is late, gives eve this one role in WorkOS; it is heard of. */
export async function changeEve(world: World, role: string): Promise<void> {
  const eve = { organization: 'Acme', user: 'eve@acme.test', roles: [role] };
  world.simulator.dashboard.changeMemberRoles(eve);
  await pull(world);
  await world.settle();
}

/** The creation takes effect after all. */
export function arriveLate({ simulator }: World): void {
  simulator.dashboard.createRole({ organization: 'Acme', slug: 'org-auditor', name: 'Auditor' });
}

export const ownRolesThere = ({ simulator }: World): readonly unknown[] =>
  simulator
    .state()
    .roles.filter((role) => role['organization_id'] !== null)
    .map((role) => role['slug']);

/** Ends a worker at its first moment of this kind. */
export function dieAt(moment: SyncStep): (step: SyncStep) => void {
  return (step) => {
    if (step === moment) throw new Error('died');
  };
}

export const membershipStates = async (world: World): Promise<readonly unknown[]> =>
  (await world.entities())
    .filter(({ kind }) => kind === 'membership_roles')
    .map(({ state, reason }) => ({ state, reason }));

export const liveMembers = (world: World): Promise<readonly unknown[]> =>
  world.rows('SELECT email, status FROM rolecall.memberships WHERE deleted_at IS NULL');

export const statusOf = async (world: World, email: string): Promise<string> =>
  (await world.member(email)).status;

/** Something happens there, its events are not kept, and everything is compared. */
export async function missed(world: World, act: () => unknown): Promise<void> {
  act();
  world.simulator.faults.expireEvents({ keep: 0 });
  const options = { db: world.test.db, port: world.workos.port };
  expect((await findDrift(options, world.organizationId))?.drift).toHaveLength(1);
  expect(await pull(world)).toMatchObject({ restarted: true });
  await world.settle();
}

export const addedAs = (world: World, email: string): Promise<readonly unknown[]> =>
  world.rows(
    `SELECT after ->> 'status' AS status FROM rolecall.audit_events
       WHERE action = 'member.added' AND after ->> 'email' = $1`,
    email,
  );

/** Reads a suspension under the one lock while somebody waits for it who has looked before. */
export async function suspendBehindALock(
  world: World,
  user: string,
  locked: (nothing: undefined) => void,
): Promise<void> {
  const { test, simulator, organizationId } = world;
  await inTransaction(test.db, async (tx) => {
    await lockOrganization(tx, organizationId);
    locked(undefined);
    const waiting = `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE NOT l.granted AND a.datname = current_database()`;
    while ((await world.rows(waiting)).length === 0) await sleep(10);
    simulator.dashboard.suspendMember({ organization: 'Acme', user });
    const { all = [] } = simulator.state({ events: true }).events;
    const event = all.at(-1) ?? {};
    await ingest(tx, [
      {
        id: String(event['id']),
        type: String(event['event']),
        createdAt: String(event['created_at']),
        data: event['data'],
      },
    ]);
  });
}

export async function roleIds(world: World, slugs: readonly string[]): Promise<readonly string[]> {
  const rows = await world.rows<{ id: string }>(
    `SELECT r.id FROM rolecall.roles r LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
       WHERE r.live AND coalesce(g.slug, r.slug) = ANY ($1)`,
    slugs,
  );
  return rows.map(({ id }) => id);
}
