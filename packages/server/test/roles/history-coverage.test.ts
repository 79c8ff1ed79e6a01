import { inTransaction, query, type Tx } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { verifyHistory } from '../../src/audit/index.ts';
import { lockOrganization, type OrganizationLock, takePerson } from '../../src/identity/index.ts';
import * as roles from '../../src/roles/index.ts';
import { context, openRoom, type Room } from './room.ts';
import { tracesFrom } from './traces.ts';

/*
 * Every function that the write side offers is named here once: a command, a fact of WorkOS's that is taken
 * over, or something that changes nothing. A new one fails the first test until it is shown to be told in the
 * history, or to have nothing to tell.
 */

const test = await createTestDatabase();
afterAll(() => test.close());

/** What changes nothing that anybody could be told of, and why. */
const CHANGES_NOTHING: Readonly<Record<string, string>> = {
  authenticateApiKey: 'reads',
  closeMirror: 'writes the history itself',
  findUnmapped: 'reads',
  getAuditRetention: 'reads',
  getEnforcement: 'reads',
  getLegacyStatus: 'reads',
  getMember: 'reads',
  getOrganization: 'reads',
  getRole: 'reads',
  holdSlug: 'keeps a name from being used again, which decides nothing',
  keepingWatch: 'flags that nobody can administer, which follows from what is told',
  listApiKeys: 'reads',
  listGrants: 'reads',
  listMembers: 'reads',
  listOrganizations: 'reads',
  listRoles: 'reads',
  mirrorAuthor: 'a value',
  planBackfill: 'reads',
  preflight: 'reads',
  readEnvironmentRetention: 'reads',
  releaseSlug: 'lets a name be used again, which decides nothing',
  verifyLegacy: 'reads',
};

/** What is shown to be told elsewhere, and where. */
const SHOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  backfillLegacy: 'legacy/history.test.ts',
  cutOverLegacy: 'legacy/road.test.ts',
  importLegacyRows: 'legacy/history.test.ts',
  openLegacy: 'legacy/road.test.ts',
  purgeHistory: 'purge-history.test.ts',
  purgeLegacy: 'legacy/road.test.ts',
  rollBackLegacy: 'legacy/road.test.ts',
  settleLegacySlug: 'legacy/history.test.ts',
};

interface Stage {
  readonly room: Room;
  readonly member: roles.Member;
  readonly role: roles.Role;
  readonly in: <T>(work: (tx: Tx, lock: OrganizationLock) => Promise<T>) => Promise<T>;
}

/** What is done, and the entry that it leaves: its action and its subject. */
type Deed = (stage: Stage) => Promise<readonly [action: string, subject: string]>;

const grants = [{ scope: 'project:read' }];
const direct = {
  scope: 'project:read',
  selectors: [{ resource_kind: 'project', resource_id: 'p1' }],
};

const commands: Readonly<Record<string, Deed>> = {
  addMember: async ({ room }) => {
    const { value } = await room.perform(roles.addMember, { email: 'new@example.com' });
    return ['member.added', `user:${value.userId ?? ''}`];
  },
  createApiKey: async ({ room }) => {
    const args = { name: 'key', scope: 'check', organizationId: room.id } as const;
    const { value } = await inTransaction(room.db, (tx) => roles.createApiKey(tx, args, context));
    return ['api_key.created', `api_key:${value.id}`];
  },
  createGrants: async ({ room, member }) => {
    await room.perform(roles.createGrants, {
      principal: `user:${member.userId ?? ''}`,
      grants: [direct],
    });
    return ['grants.created', `user:${member.userId ?? ''}`];
  },
  createOrganization: ({ room }) =>
    Promise.resolve(['organization.created', `organization:${room.id}`]),
  createRole: async ({ room }) => {
    const { value } = await room.perform(roles.createRole, { name: 'Made', grants });
    return ['role.created', value.principal];
  },
  deleteGrant: async ({ room, member }) => {
    const principal = `user:${member.userId ?? ''}`;
    await room.perform(roles.createGrants, { principal, grants: [direct] });
    const { data } = await roles.listGrants(room.db, room.id, { principal });
    await room.perform(roles.deleteGrant, { grantId: data[0]?.id ?? '' });
    return ['grants.deleted', principal];
  },
  deleteGrants: async ({ room, member }) => {
    const principal = `user:${member.userId ?? ''}`;
    await room.perform(roles.createGrants, { principal, grants: [direct] });
    await room.perform(roles.deleteGrants, { principal, grants: [direct] });
    return ['grants.deleted', principal];
  },
  deleteRole: async ({ room, role }) => {
    await room.perform(roles.deleteRole, { roleId: role.id });
    return ['role.deleted', role.principal];
  },
  importOrganization: async ({ room }) => {
    await room.perform(roles.importOrganization, {
      roles: [{ key: 'k', name: 'Imported', grants }],
    });
    return ['organization.imported', `organization:${room.id}`];
  },
  removeMember: async ({ room, member }) => {
    await room.perform(roles.removeMember, { userId: member.userId ?? '' });
    return ['member.removed', `user:${member.userId ?? ''}`];
  },
  revokeApiKey: async ({ room }) => {
    const args = { name: 'key', scope: 'check', organizationId: room.id } as const;
    const made = await inTransaction(room.db, (tx) => roles.createApiKey(tx, args, context));
    await inTransaction(room.db, (tx) =>
      roles.revokeApiKey(tx, { apiKeyId: made.value.id }, context),
    );
    return ['api_key.revoked', `api_key:${made.value.id}`];
  },
  setAuditRetention: async ({ room }) => {
    await room.perform(roles.setAuditRetention, { days: 30 });
    return ['history.retention_changed', `organization:${room.id}`];
  },
  setEnforcement: async ({ room }) => {
    await room.perform(roles.setEnforcement, { state: 'off' });
    return ['enforcement.changed', `organization:${room.id}`];
  },
  setMemberRoles: async ({ room, member, role }) => {
    await room.perform(roles.setMemberRoles, { userId: member.userId ?? '', roleIds: [role.id] });
    return ['member.roles_changed', `user:${member.userId ?? ''}`];
  },
  updateOrganization: async ({ room }) => {
    await room.perform(roles.updateOrganization, { name: 'Renamed' });
    return ['organization.updated', `organization:${room.id}`];
  },
  updateRole: async ({ room, role }) => {
    await room.perform(roles.updateRole, { roleId: role.id, name: 'Renamed' });
    return ['role.updated', role.principal];
  },
};

const facts = {
  workosMembershipId: 'om_1',
  status: 'active',
  directoryManaged: false,
  email: 'new@example.com',
  name: 'New Name',
  photoUrl: null,
} as const;

type Fact = (
  stage: Stage,
  tx: Tx,
  lock: OrganizationLock,
) => Promise<readonly [action: string, subject: string, traces: roles.MirrorTraces]>;

/** What is taken over from WorkOS inside of an organization. */
const mirrored: Readonly<Record<string, Fact>> = {
  mirrorEnvironmentRole: async ({ room }, tx, lock) => {
    const role = { slug: `auditor-${room.id}`, name: `Auditor ${room.id}`, description: null };
    const traces = await roles.mirrorEnvironmentRole(tx, lock, { role, cause: 'event_7' });
    return ['role.created', traces.entries[0]?.subject ?? '', traces];
  },
  mirrorMembership: async ({ room }, tx, lock) => {
    const person = { workosUserId: `user_${room.id}`, id: `new-${room.id}`, email: facts.email };
    const userId = await takePerson(tx, { ...person, name: null, photoUrl: null });
    const membership = { userId, facts: { ...facts, workosMembershipId: `om_${room.id}` } };
    const made = await roles.mirrorMembership(tx, lock, {
      ...membership,
      roleIds: [room.memberRoleId],
    });
    return ['member.added', `user:${userId}`, made.traces];
  },
  mirrorMembershipEnd: async ({ member }, tx, lock) => [
    'member.removed',
    `user:${member.userId ?? ''}`,
    await roles.mirrorMembershipEnd(tx, lock, member.membershipId),
  ],
  mirrorMembershipFacts: async ({ room, member }, tx, lock) => {
    const { membershipId } = member;
    const changed = { ...facts, workosMembershipId: `om_${room.id}` };
    const traces = await roles.mirrorMembershipFacts(tx, lock, { membershipId, facts: changed });
    return ['member.updated', `user:${member.userId ?? ''}`, traces];
  },
  mirrorOrganizationName: async ({ room }, tx, lock) => [
    'organization.updated',
    `organization:${room.id}`,
    await roles.mirrorOrganizationName(tx, lock, 'Their name'),
  ],
  mirrorRole: async (_, tx, lock) => {
    const made = await roles.mirrorRole(tx, lock, {
      slug: 'org-theirs',
      name: 'Theirs',
      description: null,
    });
    return ['role.created', `role:organization:${made?.roleId ?? ''}`, made?.traces ?? never()];
  },
  mirrorRoleEnd: async ({ role }, tx, lock) => {
    const { traces } = await roles.mirrorRoleEnd(tx, lock, role.id);
    return ['role.deleted', role.principal, traces];
  },
  mirrorRoleFields: async ({ role }, tx, lock) => {
    const fields = { id: role.id, name: 'Their name', description: 'theirs' };
    return ['role.updated', role.principal, await roles.mirrorRoleFields(tx, lock, fields)];
  },
  mirrorRoleSet: async ({ member, role }, tx, lock) => {
    const set = { membershipId: member.membershipId, roleIds: [role.id], owner: 'workos' } as const;
    const traces = await roles.mirrorRoleSet(tx, lock, set);
    return ['member.roles_changed', `user:${member.userId ?? ''}`, traces];
  },
  mirrorSuspensions: async ({ room, member }, tx, lock) => {
    const remoteId = `om_${room.id}`;
    await query(tx, {
      text: `UPDATE rolecall.memberships SET workos_membership_id = $2
        WHERE organization_id = $1 AND id = $3`,
      values: [room.id, remoteId, member.membershipId],
    });
    const traces = await roles.mirrorSuspensions(tx, lock, [{ remoteId }]);
    return ['member.updated', `user:${member.userId ?? ''}`, traces];
  },
};

type EnvironmentDeed = (
  stage: Stage,
  tx: Tx,
) => Promise<readonly [actor: string, action: string, subject: string, cause: string | null]>;

/** What is done to the whole environment, and told in its history. */
const environmental: Readonly<Record<string, EnvironmentDeed>> = {
  ensureApiKey: async (_, tx) => {
    const chosen = { key: 'a secret that somebody has chosen', name: 'key' };
    const { apiKey } = await roles.ensureApiKey(tx, chosen, context);
    return [context.actor, 'api_key.created', `api_key:${apiKey.id}`, null];
  },
  setEnvironmentAuditRetention: async (_, tx) => {
    await roles.setEnvironmentAuditRetention(tx, { days: 400 }, context);
    return [context.actor, 'history.retention_changed', 'environment', null];
  },
  mirrorEnvironmentRoleEnd: async ({ room }, tx) => {
    const lock = await lockOrganization(tx, room.id);
    const slug = `ending-${room.id}`;
    const role = { slug, name: slug, description: null };
    await roles.closeMirror(
      tx,
      lock,
      [await roles.mirrorEnvironmentRole(tx, lock, { role, cause: null })],
      null,
    );
    const ended = await roles.mirrorEnvironmentRoleEnd(tx, { slug, cause: 'event_8' });
    return ['workos', 'role.deleted', ended?.principal ?? '', 'event_8'];
  },
  mirrorUserEnd: async ({ room, member }, tx) => {
    const workosUserId = `user_${room.id}`;
    await query(tx, {
      text: 'UPDATE rolecall.users SET workos_user_id = $2 WHERE id = $1',
      values: [member.userId, workosUserId],
    });
    const subject = await roles.mirrorUserEnd(tx, { workosUserId, cause: 'event_9' });
    return ['workos', 'user.deleted', subject ?? '', 'event_9'];
  },
};

async function openStage(): Promise<Stage> {
  const room = await openRoom(test.db);
  const member = await room.add(`member-of-${room.id}`);
  const { value: role } = await room.perform(roles.createRole, { name: 'Support', grants });
  return {
    room,
    member,
    role,
    in: (work) =>
      inTransaction(room.db, async (tx) => work(tx, await lockOrganization(tx, room.id))),
  };
}

describe('the history', () => {
  it('knows every function of the write side', () => {
    const functions = Object.keys(roles).sort();
    const known = [CHANGES_NOTHING, SHOWN_ELSEWHERE, commands, mirrored, environmental].flatMap(
      Object.keys,
    );
    expect(known.toSorted()).toEqual(functions);
  });

  it.each(Object.keys(commands))('tells of %s: who, what, to whom', async (name) => {
    const stage = await openStage();
    const [action, subject] = (await commands[name]?.(stage)) ?? never();
    const { audit } = await tracesFrom(test.db, stage.room.id, 0);
    const told = audit.filter((event) => event.action === action && event.subject === subject);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ actor: context.actor, request_id: context.requestId });
    expect((await verifyHistory(test.db, stage.room.id)).broken).toBeNull();
  });

  it.each(Object.keys(mirrored))('tells of %s: by WorkOS, and by which event', async (name) => {
    const stage = await openStage();
    const cause = `event_of_${name}`;
    const [action, subject] = await stage.in(async (tx, lock) => {
      const done = (await mirrored[name]?.(stage, tx, lock)) ?? never();
      await roles.closeMirror(tx, lock, [done[2]], cause);
      return done;
    });
    const told = await query(test.db, {
      text: `SELECT actor, cause FROM rolecall.audit_events
        WHERE organization_id = $1 AND action = $2 AND subject = $3 AND actor = 'workos'`,
      values: [stage.room.id, action, subject],
    });
    expect(told).toEqual([{ actor: 'workos', cause }]);
    expect((await verifyHistory(test.db, stage.room.id)).broken).toBeNull();
  });

  it.each(Object.keys(environmental))('tells of %s in that of the environment', async (name) => {
    const stage = await openStage();
    const expected = await inTransaction(
      test.db,
      async (tx) => environmental[name]?.(stage, tx) ?? never(),
    );
    const told = await query<{ line: readonly unknown[] }>(test.db, {
      text: `SELECT jsonb_build_array(actor, action, subject, cause) AS line
        FROM rolecall.environment_audit_events WHERE action = $1 AND subject = $2`,
      values: [expected[1], expected[2]],
    });
    expect(told.map(({ line }) => line)).toEqual([expected]);
  });
});

function never(): never {
  throw new Error('nothing was done');
}
