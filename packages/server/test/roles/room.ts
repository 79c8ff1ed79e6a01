import { builtinPolicy } from '@rolecall/policy';
import { type Db, inTransaction, query, type Tx } from '@rolecall/server/database';
import {
  addMember,
  type CommandContext,
  type Committed,
  createOrganization,
  type Member,
  type NewMember,
  type NewOrganization,
} from '../../src/roles/index.ts';

/** Who does what is done in tests. */
export const context: CommandContext = {
  actor: 'api_key:00000000-0000-4000-8000-000000000001',
  requestId: 'request-1',
  policy: builtinPolicy,
};

/** A command in one organization, in a transaction of its own. */
export function perform<Args, Value>(
  db: Db,
  organizationId: string,
  command: (
    tx: Tx,
    organizationId: string,
    args: Args,
    context: CommandContext,
  ) => Promise<Committed<Value>>,
  args: Args,
): Promise<Committed<Value>> {
  return inTransaction(db, (tx) => command(tx, organizationId, args, context));
}

/** An organization made by its command, with one admin. */
export interface Room {
  readonly db: Db;
  readonly id: string;
  readonly adminRoleId: string;
  readonly memberRoleId: string;
  readonly admin: Member;
  readonly perform: <Args, Value>(
    command: (
      tx: Tx,
      organizationId: string,
      args: Args,
      context: CommandContext,
    ) => Promise<Committed<Value>>,
    args: Args,
  ) => Promise<Committed<Value>>;
  /** Adds a member, who holds `member` unless told otherwise. */
  readonly add: (userId: string, rest?: Partial<NewMember>) => Promise<Member>;
  /** Gives the organization a counterpart in WorkOS, as if it had had one from the beginning. */
  readonly link: () => Promise<void>;
}

let last = 0;

/** Opens a room of its own: every test gets one, in one database. */
export async function openRoom(db: Db, args: Partial<NewOrganization> = {}): Promise<Room> {
  last += 1;
  const id = args.id ?? `room-${last}`;
  await inTransaction(db, (tx) =>
    createOrganization(tx, { name: `Room ${last}`, ...args, id }, context),
  );
  const roleIds = await systemRoleIds(db, id);
  const add: Room['add'] = async (userId, rest = {}) => {
    const email = `${userId}@example.com`;
    return (await perform(db, id, addMember, { email, id: userId, ...rest })).value;
  };
  const admin = await add(`admin-of-${id}`, { roleIds: [roleIds.adminRoleId] });
  return {
    db,
    id,
    ...roleIds,
    admin,
    perform: (command, commandArgs) => perform(db, id, command, commandArgs),
    add,
    link: async () => {
      await query(db, {
        text: 'UPDATE rolecall.organizations SET workos_id = $2 WHERE id = $1',
        values: [id, `org_workos_${id}`],
      });
    },
  };
}

async function systemRoleIds(
  db: Db,
  id: string,
): Promise<{ readonly adminRoleId: string; readonly memberRoleId: string }> {
  const [row] = await query<{ readonly admin: string; readonly member: string }>(db, {
    text: `SELECT rolecall.system_role_id($1, 'admin') AS admin,
      rolecall.system_role_id($1, 'member') AS member`,
    values: [id],
  });
  if (row === undefined) throw new Error('the system roles are missing');
  return { adminRoleId: row.admin, memberRoleId: row.member };
}
