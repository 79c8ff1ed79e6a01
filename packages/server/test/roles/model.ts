/*
 * The write side in a hundred obvious lines: what each command does to the state of one organization, or the
 * code with which it refuses. Real commands are compared with it on random sequences.
 */

export interface ModelMember {
  readonly status: 'active' | 'inactive';
  readonly roles: readonly string[];
  readonly grants: readonly string[];
}

export interface ModelRole {
  readonly name: string;
  readonly grants: readonly string[];
  readonly version: number;
  readonly system: boolean;
}

/** Live members by user, live roles by the name that the test has for them. */
export interface ModelState {
  readonly members: Readonly<Record<string, ModelMember>>;
  readonly roles: Readonly<Record<string, ModelRole>>;
}

export type Operation =
  | { readonly do: 'add'; readonly user: string; readonly roles: readonly string[] | undefined }
  | { readonly do: 'remove'; readonly user: string }
  | { readonly do: 'set'; readonly user: string; readonly roles: readonly string[] }
  | { readonly do: 'suspend' | 'activate'; readonly user: string }
  | {
      readonly do: 'create';
      readonly role: string;
      readonly name: string;
      readonly grants: readonly string[];
      readonly users: readonly string[];
    }
  | {
      readonly do: 'update';
      readonly role: string;
      readonly name?: string | undefined;
      readonly grants?: readonly string[] | undefined;
      readonly users?: readonly string[] | undefined;
      readonly version?: number | undefined;
    }
  | { readonly do: 'delete'; readonly role: string; readonly version?: number | undefined }
  | { readonly do: 'grant' | 'revoke'; readonly user: string; readonly grants: readonly string[] };

/** The state after an operation, or the code of its refusal. */
export type Outcome = { readonly state: ModelState } | { readonly code: string };

/** The grant that the role `admin` cannot be without. */
export const ORG_ADMIN = 'org:admin *';

/** What an operation does, in words. */
export function apply(state: ModelState, operation: Operation): Outcome {
  switch (operation.do) {
    case 'add':
      return add(state, operation);
    case 'remove':
      return remove(state, operation.user);
    case 'set':
      return set(state, operation);
    case 'suspend':
    case 'activate':
      return withMember(state, operation.user, (member) => ({
        ...member,
        status: operation.do === 'suspend' ? 'inactive' : 'active',
      }));
    case 'create':
      return create(state, operation);
    case 'update':
      return update(state, operation);
    case 'delete':
      return deleteRole(state, operation);
    case 'grant':
      return withMember(state, operation.user, (member) => ({
        ...member,
        grants: union(member.grants, operation.grants),
      }));
    case 'revoke':
      return revoke(state, operation);
  }
}

/** How many could administer the organization. */
export function usableAdmins({ members }: ModelState): number {
  return Object.values(members).filter(
    ({ status, roles }) => status === 'active' && roles.includes('admin'),
  ).length;
}

type Of<Do extends Operation['do']> = Extract<Operation, { readonly do: Do }>;

function add(state: ModelState, { user, roles = ['member'] }: Of<'add'>): Outcome {
  if (roles.length === 0) return { code: 'roles_required' };
  if (state.members[user]) return { code: 'member_exists' };
  if (roles.some((role) => !state.roles[role])) return { code: 'role_not_found' };
  const member: ModelMember = { status: 'active', roles: union(roles, []), grants: [] };
  return { state: { ...state, members: { ...state.members, [user]: member } } };
}

function remove(state: ModelState, user: string): Outcome {
  if (!state.members[user]) return { code: 'member_not_found' };
  return keepingAnAdmin(state, { ...state, members: without(state.members, user) });
}

function set(state: ModelState, { user, roles }: Of<'set'>): Outcome {
  if (roles.length === 0) return { code: 'roles_required' };
  const member = state.members[user];
  if (!member) return { code: 'member_not_found' };
  if (roles.some((role) => !state.roles[role])) return { code: 'role_not_found' };
  return keepingAnAdmin(state, withRoles(state, { [user]: union(roles, []) }));
}

function create(state: ModelState, { role, name, grants, users }: Of<'create'>): Outcome {
  if (nameTaken(state, name)) return { code: 'role_name_taken' };
  if (users.some((user) => !state.members[user])) return { code: 'member_not_found' };
  const made: ModelRole = { name, grants: union(grants, []), version: 1, system: false };
  const roles = { ...state.roles, [role]: made };
  return { state: withRoles({ ...state, roles }, setsWith(state, role, users)) };
}

function update(state: ModelState, operation: Of<'update'>): Outcome {
  const held = state.roles[operation.role];
  if (!held) return { code: 'role_not_found' };
  const code = updateRefusal(state, held, operation);
  if (code !== undefined) return { code };
  const { role, name = held.name, users } = operation;
  const grants = operation.grants ? union(operation.grants, []) : held.grants;
  const sets = users ? { ...setsWithout(state, role, users), ...setsWith(state, role, users) } : {};
  const after = withRoles(state, sets);
  const next = { ...held, name, grants };
  const same = JSON.stringify([next, after]) === JSON.stringify([held, state]);
  const changed = { ...next, version: held.version + (same ? 0 : 1) };
  return keepingAnAdmin(state, { ...after, roles: { ...state.roles, [role]: changed } });
}

function updateRefusal(
  state: ModelState,
  held: ModelRole,
  { role, name, grants, users, version }: Of<'update'>,
): string | undefined {
  if (version !== undefined && version !== held.version) return 'version_mismatch';
  if (name !== undefined && held.system) return 'system_role';
  if (name !== undefined && nameTaken(state, name, role)) return 'role_name_taken';
  const keepsAdmin = grants?.includes(ORG_ADMIN) ?? true;
  if (role === 'admin' && !keepsAdmin) return 'admin_must_keep_org_admin';
  return users?.some((user) => !state.members[user]) ? 'member_not_found' : undefined;
}

function deleteRole(state: ModelState, { role, version }: Of<'delete'>): Outcome {
  const held = state.roles[role];
  if (!held) return { code: 'role_not_found' };
  if (version !== undefined && version !== held.version) return { code: 'version_mismatch' };
  if (held.system) return { code: 'system_role' };
  const roles = without(state.roles, role);
  return { state: { ...withRoles(state, setsWithout(state, role, [])), roles } };
}

function revoke(state: ModelState, { user, grants }: Of<'grant' | 'revoke'>): Outcome {
  const member = state.members[user];
  if (!member) return { code: 'member_not_found' };
  if (grants.some((grant) => !member.grants.includes(grant))) return { code: 'grant_not_found' };
  return withMember(state, user, () => ({
    ...member,
    grants: member.grants.filter((grant) => !grants.includes(grant)),
  }));
}

function keepingAnAdmin(before: ModelState, after: ModelState): Outcome {
  const stranded = usableAdmins(before) > 0 && usableAdmins(after) === 0;
  return stranded ? { code: 'last_admin' } : { state: after };
}

function withMember(
  state: ModelState,
  user: string,
  change: (member: ModelMember) => ModelMember,
): Outcome {
  const member = state.members[user];
  if (!member) return { code: 'member_not_found' };
  return { state: { ...state, members: { ...state.members, [user]: change(member) } } };
}

function withRoles(
  state: ModelState,
  sets: Readonly<Record<string, readonly string[]>>,
): ModelState {
  const members = Object.entries(state.members).map(([user, member]) => [
    user,
    { ...member, roles: sets[user] ?? member.roles },
  ]);
  return { ...state, members: Object.fromEntries(members) as ModelState['members'] };
}

function setsWith(
  { members }: ModelState,
  role: string,
  users: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(users.map((user) => [user, union(members[user]?.roles ?? [], [role])]));
}

function setsWithout(
  { members }: ModelState,
  role: string,
  users: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const losing = Object.entries(members).filter(
    ([user, member]) => member.roles.includes(role) && !users.includes(user),
  );
  return Object.fromEntries(
    losing.map(([user, member]) => {
      const rest = member.roles.filter((one) => one !== role);
      return [user, rest.length === 0 ? ['member'] : rest];
    }),
  );
}

function nameTaken({ roles }: ModelState, name: string, except?: string): boolean {
  return Object.entries(roles).some(
    ([role, held]) => role !== except && held.name.toLowerCase() === name.toLowerCase(),
  );
}

function union(one: readonly string[], two: readonly string[]): readonly string[] {
  return [...new Set([...one, ...two])].sort();
}

function without<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([one]) => one !== key));
}
