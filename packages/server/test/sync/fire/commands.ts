import { inTransaction, type Tx } from '@rolecall/server/database';
import { RolecallError } from '../../../src/errors/index.ts';
import {
  type CommandContext,
  type Committed,
  createGrants,
  createRole,
  deleteGrants,
  deleteRole,
  setMemberRoles,
  updateRole,
} from '../../../src/roles/index.ts';
import { type Arena, type Site } from './arena.ts';
import { pick, pickSome } from './random.ts';
import { type Operation, type Step } from './schedule.ts';

interface LocalRoleRow {
  readonly id: string;
  readonly slug: string;
  readonly kind: string;
  readonly version: number;
}

interface LocalMemberRow {
  readonly user_id: string;
  readonly role_ids: readonly string[];
}

/** Names that come again and again, so that slugs do too. */
const COMMON_NAMES = ['Auditor', 'Billing', 'Support'];

/** What the API does in one step. A refusal is an answer too. */
export async function performCommand(arena: Arena, step: Step): Promise<void> {
  const site = pick(arena.sites, (step.c * 7) % 1);
  if (site === undefined) return;
  try {
    await COMMANDS[step.operation]?.(arena, site, step);
  } catch (error) {
    if (!(error instanceof RolecallError) || error.species !== 'refusal') throw error;
    if (error.code === 'last_admin') arena.reached('L1');
    if (error.code === 'owned_by_workos') arena.reached('I13');
    if (error.code === 'version_mismatch') arena.reached('L3');
  }
}

type Command = (arena: Arena, site: Site, step: Step) => Promise<void>;

const COMMANDS: Partial<Record<Operation, Command>> = {
  create_role: async (arena, site, { number, a, b, c }) => {
    const common = pick(COMMON_NAMES, b);
    const members = c < 0.4 ? pickSome(await membersOf(arena, site), a).slice(0, 2) : [];
    await run(arena, site, createRole, {
      name: a < 0.6 && common !== undefined ? common : `Role ${number}`,
      description: `C${number}`,
      grants: [{ scope: 'project:read' }],
      memberIds: members.map((member) => member.user_id),
    });
  },
  edit_role: async (arena, site, { number, a, b, c }) => {
    const role = pick(await ownRolesOf(arena, site), a);
    if (role === undefined) return;
    await run(arena, site, updateRole, {
      roleId: role.id,
      description: `C${number}`,
      ...(b < 0.5 && { name: `Role ${number}` }),
      ...(c < 0.06 && { ifMatch: role.version + 1 }),
    });
  },
  delete_role: async (arena, site, { a }) => {
    const role = pick(await ownRolesOf(arena, site), a);
    if (role !== undefined) await run(arena, site, deleteRole, { roleId: role.id });
  },
  set_roles: async (arena, site, { a, b }) => {
    const member = pick(await membersOf(arena, site), a);
    if (member === undefined) return;
    const roleIds = pickSome(await rolesOf(arena, site), b).map((role) => role.id);
    await run(arena, site, setMemberRoles, { userId: member.user_id, roleIds });
  },
  give_grant: (arena, site, step) => changeGrant(arena, site, step, createGrants),
  take_grant: (arena, site, step) => changeGrant(arena, site, step, deleteGrants),
};

async function changeGrant(
  arena: Arena,
  site: Site,
  { a, b }: Step,
  command: typeof createGrants,
): Promise<void> {
  const member = pick(await membersOf(arena, site), a);
  if (member === undefined) return;
  const selectors = [{ resource_kind: 'project', resource_id: `p${Math.floor(b * 3)}` }];
  const grants = [{ scope: 'project:write', effect: 'allow' as const, selectors }];
  await run(arena, site, command, { principal: `user:${member.user_id}`, grants });
}

/** Runs a command; what it acknowledges is noted. */
async function run<Args, Value>(
  arena: Arena,
  site: Site,
  command: (
    tx: Tx,
    organizationId: string,
    args: Args,
    context: CommandContext,
  ) => Promise<Committed<Value>>,
  args: Args,
): Promise<void> {
  const { revision } = await inTransaction(arena.db, (tx) =>
    command(tx, site.id, args, arena.context),
  );
  arena.history.acknowledge(site.id, revision);
}

async function rolesOf(arena: Arena, site: Site): Promise<readonly LocalRoleRow[]> {
  return arena.rows<LocalRoleRow>(
    `SELECT r.id, coalesce(g.slug, r.slug) AS slug, r.kind, r.version FROM rolecall.roles r
       LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
       WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL
       ORDER BY r.kind, 2`,
    site.id,
  );
}

async function ownRolesOf(arena: Arena, site: Site): Promise<readonly LocalRoleRow[]> {
  return (await rolesOf(arena, site)).filter(({ kind }) => kind === 'organization');
}

async function membersOf(arena: Arena, site: Site): Promise<readonly LocalMemberRow[]> {
  return arena.rows<LocalMemberRow>(
    `SELECT m.user_id, '{}'::text[] AS role_ids FROM rolecall.memberships m
       WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.user_id IS NOT NULL
       ORDER BY m.email, m.user_id`,
    site.id,
  );
}
