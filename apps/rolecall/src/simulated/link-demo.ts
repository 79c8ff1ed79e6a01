import { setTimeout as sleep } from 'node:timers/promises';
import type { Policy } from '@rolecall/policy';
import type { Sync } from '@rolecall/server';
import type { Wired } from '../wire.ts';
import type { SimulatedOrganization } from './simulated-workos.ts';

/** What was linked, and whether Rolecall knows all of it by now. */
export interface LinkedDemo {
  readonly organizations: number;
  readonly members: number;
  readonly isTakenIn: boolean;
}

type Parts = Pick<Wired, 'roles' | 'sync'>;

const POLL_MS = 50;
/** What is not taken in by then goes on by itself. */
const LONGEST_WAIT_MS = 20_000;

/**
 * What the demonstration's roles may do. Roles come from WorkOS without grants: those are Rolecall's alone, so
 * somebody has to say them. Where the policy is the host's own, nobody has.
 */
const grantsBySlug: Readonly<Record<string, readonly string[]>> = {
  'org-firmware-engineer': ['project:write', 'mcp:write'],
  'org-fleet-operator': ['project:read', 'mcp:connect'],
  'org-auditor': ['org:read', 'project:read', 'mcp:read'],
  'org-nurse': ['project:read'],
  'org-physician': ['project:write'],
  'org-billing': ['org:read'],
  'org-dispatcher': ['project:write'],
  'org-customs-broker': ['project:read'],
};

/**
 * Links the organizations of the simulated WorkOS that are not here yet and waits until they are taken in. Does
 * nothing in a Rolecall that has organizations of its own: a demonstration has no place among them.
 */
export async function linkDemo(
  { roles, sync }: Parts,
  policy: Policy,
  organizations: readonly SimulatedOrganization[],
): Promise<LinkedDemo | undefined> {
  if (sync === undefined) return undefined;
  const { data } = await roles.listOrganizations({ limit: 1_000 });
  const known = new Set(data.map(({ id }) => id));
  const ids = new Set(organizations.map(({ id }) => id));
  const missing = organizations.filter(({ id }) => !known.has(id));
  if (missing.length === 0 || data.some(({ id }) => !ids.has(id))) return undefined;
  for (const { id, name, workosId } of missing) {
    await roles.createOrganization({ id, name, workosId });
  }
  sync.nudge();
  const linked = missing.map(({ id }) => id);
  const isTakenIn = await untilTakenIn(sync, linked);
  for (const id of linked) await sayGrants(roles, policy, id);
  const counts = await Promise.all(linked.map((id) => roles.getOrganization(id)));
  const members = counts.reduce((sum, { memberCount }) => sum + memberCount, 0);
  return { organizations: linked.length, members, isTakenIn };
}

async function untilTakenIn(sync: Sync, ids: readonly string[]): Promise<boolean> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (performance.now() < deadline) {
    const statuses = await Promise.all(ids.map((id) => sync.readStatus(id)));
    const isDone = statuses.every(
      (status) => status.linked === 1 && status.comparing === 0 && status.marked === 0,
    );
    if (isDone) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function sayGrants(roles: Wired['roles'], policy: Policy, id: string): Promise<void> {
  const declared = new Set(policy.scopes.map(({ scope }) => scope));
  const { data } = await roles.listRoles(id, { limit: 1_000 });
  for (const role of data) {
    const scopes = grantsBySlug[role.slug]?.filter((scope) => declared.has(scope)) ?? [];
    if (scopes.length === 0 || role.grants.length > 0) continue;
    await roles.updateRole(id, { roleId: role.id, grants: scopes.map((scope) => ({ scope })) });
  }
}
