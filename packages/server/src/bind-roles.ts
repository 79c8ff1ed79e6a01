import { type Policy } from '@rolecall/policy';
import { type Access, encodeRevision, type Written } from './access/index.ts';
import { getAuditHead, listAuditEvents, verifyHistory } from './audit/index.ts';
import { type Db, inTransaction, type Reader, type Tx } from './database/index.ts';
import {
  addMember,
  type CommandContext,
  type Committed,
  createApiKey,
  createGrants,
  createOrganization,
  createRole,
  deleteGrant,
  deleteGrants,
  deleteRole,
  ensureApiKey,
  getAuditRetention,
  getEnforcement,
  getMember,
  getOrganization,
  getRole,
  importOrganization,
  listApiKeys,
  listGrants,
  listMembers,
  listOrganizations,
  listRoles,
  type NewOrganization,
  type Organization,
  preflight,
  purgeHistory,
  type PurgeOptions,
  readEnvironmentRetention,
  removeMember,
  revokeApiKey,
  setAuditRetention,
  setEnforcement,
  setEnvironmentAuditRetention,
  setMemberRoles,
  updateOrganization,
  updateRole,
} from './roles/index.ts';

/** Who does it, for the audit event; `system` and no request unless told otherwise. */
export interface Attribution {
  /** A principal: `user:<id>`, `api_key:<id>`, or `system`. */
  readonly actor?: string;
  readonly requestId?: string;
}

/** What a command did, and the token of the revision from which on it holds, for `at_least`. */
export interface Done<Value> {
  readonly value: Value;
  readonly revision: string;
}

type InOrganization<Args, Value> = (
  tx: Tx,
  organizationId: string,
  args: Args,
  context: CommandContext,
) => Promise<Committed<Value>>;

type InEnvironment<Args, Result> = (tx: Tx, args: Args, context: CommandContext) => Promise<Result>;

type Read<Rest extends readonly unknown[], Result> = (reader: Reader, ...rest: Rest) => Result;

/** The write side on one database: every command opens its own transaction. */
export type Roles = ReturnType<typeof bindRoles>;

/**
 * Binds the commands, and the lists of what they wrote, to a database and a policy. The reading side of the
 * same process is told what was committed, so that it never answers from before.
 */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- `Roles` is read off it
export function bindRoles(db: Db, policy: Policy, access: Pick<Access, 'wrote'>) {
  const told = async <Value>(writing: Promise<Finished<Value>>): Promise<Done<Value>> => {
    const { done, written } = await writing;
    access.wrote(written);
    return done;
  };
  const command =
    <Args, Value>(run: InOrganization<Args, Value>) =>
    (organizationId: string, args: Args, by?: Attribution): Promise<Done<Value>> =>
      told(
        inTransaction(db, async (tx) =>
          finish(organizationId, await run(tx, organizationId, args, contextOf(policy, by))),
        ),
      );
  const environmentCommand =
    <Args, Result>(run: InEnvironment<Args, Result>) =>
    (args: Args, by?: Attribution): Promise<Result> =>
      inTransaction(db, (tx) => run(tx, args, contextOf(policy, by)));
  const read =
    <Rest extends readonly unknown[], Result>(run: Read<Rest, Result>) =>
    (...rest: Rest): Result =>
      run(db, ...rest);
  return {
    createOrganization: (args: NewOrganization, by?: Attribution): Promise<Done<Organization>> =>
      told(inTransaction(db, (tx) => createAndName(tx, args, contextOf(policy, by)))),
    updateOrganization: command(updateOrganization),
    getOrganization: read(getOrganization),
    listOrganizations: read(listOrganizations),
    createRole: command(createRole),
    updateRole: command(updateRole),
    deleteRole: command(deleteRole),
    getRole: read(getRole),
    listRoles: read(listRoles),
    addMember: command(addMember),
    removeMember: command(removeMember),
    setMemberRoles: command(setMemberRoles),
    getMember: read(getMember),
    listMembers: read(listMembers),
    createGrants: command(createGrants),
    deleteGrants: command(deleteGrants),
    deleteGrant: command(deleteGrant),
    listGrants: read(listGrants),
    setEnforcement: command(setEnforcement),
    getEnforcement: read(getEnforcement),
    preflight: read(preflight),
    importOrganization: command(importOrganization),
    createApiKey: environmentCommand(createApiKey),
    revokeApiKey: environmentCommand(revokeApiKey),
    ensureApiKey: environmentCommand(ensureApiKey),
    listApiKeys: read(listApiKeys),
    listAuditEvents: read(listAuditEvents),
    getAuditHead: read(getAuditHead),
    verifyHistory: read(verifyHistory),
    setAuditRetention: command(setAuditRetention),
    getAuditRetention: read(getAuditRetention),
    setEnvironmentAuditRetention: environmentCommand(setEnvironmentAuditRetention),
    getEnvironmentAuditRetention: read(readEnvironmentRetention),
    purgeHistory: (options?: PurgeOptions): Promise<number> => purgeHistory(db, options),
  } as const;
}

function contextOf(policy: Policy, by: Attribution = {}): CommandContext {
  return { actor: by.actor ?? 'system', requestId: by.requestId ?? null, policy };
}

async function createAndName(
  tx: Tx,
  args: NewOrganization,
  context: CommandContext,
): Promise<Finished<Organization>> {
  const committed = await createOrganization(tx, args, context);
  return finish(committed.value.id, committed);
}

interface Finished<Value> {
  readonly done: Done<Value>;
  readonly written: Written;
}

function finish<Value>(
  organizationId: string,
  { value, revision, epoch }: Committed<Value>,
): Finished<Value> {
  const token = encodeRevision({ organizationId, epoch, revision });
  return { done: { value, revision: token }, written: { organizationId, revision } };
}
