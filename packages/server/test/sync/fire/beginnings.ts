import { inTransaction, query } from '@rolecall/server/database';
import {
  addMember,
  createOrganization,
  createRole,
  setMemberRoles,
} from '../../../src/roles/index.ts';
import { compareMarks, pinEnvironment, type WorkosPort } from '../../../src/workos/index.ts';
import { createSimulator } from '@rolecall/workos-simulator';
import { type Arena, type OtherSide, type Site } from './arena.ts';

/** Builds both sides as the seed wants them, and links them. Nothing is wrong yet. */
export async function begin(arena: Arena, port: WorkosPort): Promise<void> {
  const { schedule, simulator } = arena;
  const { organizations, mode } = schedule.beginnings;
  await query(arena.db, { text: 'UPDATE rolecall.sync_settings SET mode = $1', values: [mode] });
  const mark = await port.readEnvironmentMark();
  await pinEnvironment(arena.db, mark);
  if (schedule.seed % 25 === 0) refuseForeignKey(arena, mark);
  for (let index = 0; index < organizations; index += 1) {
    const name = `Acme ${index}`;
    const remote = simulator.dashboard.createOrganization({ name });
    const site: Site = { id: `acme-${index}`, name, remoteId: remote.id };
    arena.sites.push(site);
    arena.history.act(() => {
      fillRemote(arena, site);
    });
    await createLocal(arena, site);
  }
  if (arena.schedule.beginnings.directory) {
    for (const site of arena.sites) simulator.directory.connect({ organization: site.remoteId });
  }
}

/** The key of another environment is noticed. */
function refuseForeignKey(arena: Arena, mark: { readonly roleIds: readonly string[] }): void {
  const other = createSimulator({ seed: `${arena.schedule.seed} other`, clock: arena.clock });
  const roleIds = other.state().roles.map((role) => String(role['id']));
  other.close();
  if (compareMarks(mark, { roleIds }) !== 'other') throw new Error('a foreign key is not noticed');
  arena.reached('O23');
}

/** Members and roles of before the link. */
export function fillRemote({ schedule, simulator }: OtherSide, site: Site): void {
  const { members, roles } = schedule.beginnings;
  const { dashboard } = simulator;
  const organization = site.remoteId;
  for (let index = 0; index < roles; index += 1) {
    const [name, description] = [`First ${index}`, `S${index}`];
    dashboard.createRole({ organization, slug: `org-first-${index}`, name, description });
  }
  for (let index = 0; index < members; index += 1) {
    const slugs = index === 0 || index % 3 === 0 ? ['admin'] : ['member'];
    if (roles > index && schedule.beginnings.multipleRoles) slugs.push(`org-first-${index}`);
    dashboard.addMember({ organization, user: addressOf(site, index), roles: slugs });
  }
}

async function createLocal(arena: Arena, site: Site): Promise<void> {
  const { db, context, schedule } = arena;
  const linked = schedule.beginnings.link !== 'with_differences';
  const workosId = linked ? site.remoteId : null;
  await inTransaction(db, (tx) =>
    createOrganization(tx, { id: site.id, name: site.name, workosId }, context),
  );
  if (linked) return;
  await fillLocal(arena, site);
  await query(db, {
    text: 'UPDATE rolecall.organizations SET workos_id = $2 WHERE id = $1',
    values: [site.id, site.remoteId],
  });
}

/** Members and roles of before the link, some of them as on the other side and some not. */
async function fillLocal(arena: Arena, site: Site): Promise<void> {
  const { db, context } = arena;
  arena.reached('I11');
  for (const [index, userId] of ['ann', 'ben', 'cat'].entries()) {
    const email = addressOf(site, index);
    await inTransaction(db, (tx) =>
      addMember(tx, site.id, { id: `${userId}-${site.id}`, email }, context),
    );
  }
  for (const [name, description] of [
    ['First 0', 'S0'],
    ['First 1', 'ours'],
    ['Only here', 'ours'],
  ] as const) {
    await inTransaction(db, (tx) =>
      createRole(tx, site.id, { name, description, grants: [] }, context),
    );
  }
  const [admin] = await arena.rows<{ id: string }>(
    `SELECT rolecall.system_role_id($1, 'admin') AS id`,
    site.id,
  );
  await inTransaction(db, (tx) =>
    setMemberRoles(
      tx,
      site.id,
      { userId: `ann-${site.id}`, roleIds: admin === undefined ? [] : [admin.id] },
      context,
    ),
  );
}

function addressOf(site: Site, index: number): string {
  return `person-${index}@${site.id}.test`;
}
