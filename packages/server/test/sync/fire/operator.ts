import { chooseSide, replayEvents, retryEntity } from '../../../src/sync/index.ts';
import { type Arena } from './arena.ts';
import { readRemote } from './remote-state.ts';
import { type WorkosPort } from '../../../src/workos/index.ts';

interface Stuck {
  readonly id: string;
  readonly organization_id: string;
  readonly kind: string;
  readonly subject_id: string;
  readonly state: string;
  readonly reason: string | null;
}

/** A person looks at what waits for people, and does something about the first of it. */
export async function operate(arena: Arena, port: WorkosPort | undefined): Promise<void> {
  const [stuck] = await listStuck(arena);
  if (stuck !== undefined && port !== undefined) await decide(arena, port, stuck);
  await replayEvents(arena.db);
}

/** Whatever waits for people. */
export async function listStuck(arena: Arena): Promise<readonly Stuck[]> {
  return arena.rows<Stuck>(
    `SELECT e.id, e.organization_id, e.kind, e.subject_id, e.state, e.reason FROM rolecall.sync_entities e
       WHERE state IN ('planned', 'conflict', 'blocked', 'quarantined')
       ORDER BY e.organization_id, e.kind, e.changed_at, e.id`,
  );
}

/** Does what the advice of each state says. */
export async function decide(arena: Arena, port: WorkosPort, stuck: Stuck): Promise<void> {
  const { organization_id: organizationId, id: entityId } = stuck;
  if (stuck.reason === 'not_in_workos') {
    await addThere(arena, stuck);
    return;
  }
  if (stuck.state === 'planned' || stuck.state === 'conflict') {
    const side = arena.random.chance(0.6) ? 'here' : 'there';
    if (side === 'there') arena.history.chosen.add(stuck.subject_id);
    const choice = { organizationId, entityId, side } as const;
    await arena.turnstile
      .begin('operator', () =>
        chooseSide({ db: arena.db, port, random: arena.random.next }, choice),
      )
      .then(async (task) => {
        while (task.state === 'parked') await arena.turnstile.letOn(task);
      });
    return;
  }
  if (stuck.reason === 'role_has_group_role_mappings') unmapGroups(arena);
  await retryEntity(arena.db, entityId);
}

/** Somebody who is a member here only is made one there. */
async function addThere({ rows, simulator, sites, history }: Arena, stuck: Stuck): Promise<void> {
  const [member] = await rows<{ readonly email: string | null }>(
    'SELECT email FROM rolecall.memberships WHERE organization_id = $1 AND id = $2::uuid',
    stuck.organization_id,
    stuck.subject_id,
  );
  const site = sites.find(({ id }) => id === stuck.organization_id);
  const email = member?.email ?? null;
  if (site === undefined || email === null) return;
  const { people, memberships } = readRemote(simulator);
  const known = people.find((one) => one.email === email);
  const already = memberships.some(
    (one) => one.organizationId === site.remoteId && one.userId === known?.id,
  );
  if (already) return;
  history.act(() => {
    simulator.dashboard.addMember({ organization: site.remoteId, user: email });
  });
}

/** The directory's groups give no roles any more. */
function unmapGroups({ simulator, history }: Arena): void {
  const { directory_groups: groups, directories } = simulator.state();
  history.act(() => {
    for (const group of groups.filter((one) => one['role_slug'] !== null)) {
      const home = directories.find((one) => one['id'] === group['directory_id']);
      const organization = String(home?.['organization_id']);
      simulator.directory.mapGroup({ organization, group: String(group['name']), role: null });
    }
  });
}
