import { inTransaction, type Tx } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { listAuditEvents } from '../../src/audit/index.ts';
import { RolecallError } from '../../src/errors/index.ts';
import * as roles from '../../src/roles/index.ts';
import { context, openRoom } from './room.ts';

/*
 * Texts that no table can hold or no index has, wherever a command or a list takes one: always a refusal, never
 * an error of the database's.
 */

const test = await createTestDatabase();
afterAll(() => test.close());

const HOSTILE = [
  '\0',
  'a\0b',
  '\ud800',
  '',
  ' ',
  '*',
  '%',
  '\\',
  "'; DROP TABLE x; --",
  'x'.repeat(70_000),
  '🌳'.repeat(300),
];
const grants = [{ scope: 'project:read' }];

type Attempt = (tx: Tx, id: string, text: string) => Promise<unknown>;

const attempts: Readonly<Record<string, Attempt>> = {
  getOrganization: (tx, _, text) => roles.getOrganization(tx, text),
  listOrganizations: (tx, _, text) => roles.listOrganizations(tx, {}, { search: text }),
  listOnlyOrganization: (tx, _, text) => roles.listOrganizations(tx, {}, { onlyId: text }),
  createOrganization: (tx, _, text) =>
    roles.createOrganization(tx, { id: text, name: text }, context),
  updateOrganization: (tx, id, text) =>
    roles.updateOrganization(tx, id, { name: text, workosId: text }, context),
  lockOrganization: (tx, _, text) => roles.updateOrganization(tx, text, { name: 'A' }, context),
  createRole: (tx, id, text) =>
    roles.createRole(tx, id, { name: text, description: text, grants }, context),
  createRoleMembers: (tx, id, text) =>
    roles.createRole(tx, id, { name: 'A', grants, memberIds: [text] }, context),
  createRoleGrants: (tx, id, text) =>
    roles.createRole(
      tx,
      id,
      {
        name: 'A',
        grants: [{ scope: text, selectors: [{ resource_kind: text, resource_id: text }] }],
      },
      context,
    ),
  createRoleSelector: (tx, id, text) =>
    roles.createRole(
      tx,
      id,
      {
        name: 'A',
        grants: [
          {
            scope: 'mcp:read',
            selectors: [{ resource_kind: 'mcp', resource_id: 's', tool: text }],
          },
        ],
      },
      context,
    ),
  updateRole: (tx, id, text) => roles.updateRole(tx, id, { roleId: text, name: 'A' }, context),
  deleteRole: (tx, id, text) => roles.deleteRole(tx, id, { roleId: text }, context),
  getRole: (tx, id, text) => roles.getRole(tx, id, text),
  listRoles: (tx, id, text) => roles.listRoles(tx, id, { search: text }),
  listRolesCursor: (tx, id, text) => roles.listRoles(tx, id, { cursor: text }),
  addMember: (tx, id, text) =>
    roles.addMember(tx, id, { id: text, email: text, name: text }, context),
  addMemberRoles: (tx, id, text) =>
    roles.addMember(tx, id, { email: 'a@example.com', roleIds: [text] }, context),
  addMemberEmail: (tx, id, text) =>
    roles.addMember(tx, id, { email: `${text}@example.com` }, context),
  removeMember: (tx, id, text) => roles.removeMember(tx, id, { userId: text }, context),
  setMemberRoles: (tx, id, text) =>
    roles.setMemberRoles(tx, id, { userId: text, roleIds: [text] }, context),
  getMember: (tx, id, text) => roles.getMember(tx, id, text),
  listMembers: (tx, id, text) => roles.listMembers(tx, id, { search: text }),
  listMembersRole: (tx, id, text) => roles.listMembers(tx, id, { roleId: text }),
  createGrants: (tx, id, text) =>
    roles.createGrants(tx, id, { principal: `user:${text}`, grants }, context),
  createKeyGrants: (tx, id, text) =>
    roles.createGrants(tx, id, { principal: `api_key:${text}`, grants }, context),
  deleteGrant: (tx, id, text) => roles.deleteGrant(tx, id, { grantId: text }, context),
  listGrants: (tx, id, text) => roles.listGrants(tx, id, { principal: text, cursor: text }),
  preflight: (tx, _, text) => roles.preflight(tx, text),
  getEnforcement: (tx, _, text) => roles.getEnforcement(tx, text),
  createApiKey: (tx, _, text) => roles.createApiKey(tx, { name: text, scope: 'check' }, context),
  createApiKeyIn: (tx, _, text) =>
    roles.createApiKey(tx, { name: 'A', scope: 'check', organizationId: text }, context),
  revokeApiKey: (tx, _, text) => roles.revokeApiKey(tx, { apiKeyId: text }, context),
  authenticate: (tx, _, text) => roles.authenticateApiKey(tx, text),
  ensureApiKey: (tx, _, text) => roles.ensureApiKey(tx, { key: text, name: text }, context),
  listAuditEvents: (tx, id, text) =>
    listAuditEvents(tx, id, { actor: text, subject: text, action: text }),
  listAuditEventsSince: (tx, id, text) => listAuditEvents(tx, id, { since: text, until: text }),
  importRoles: (tx, id, text) =>
    roles.importOrganization(
      tx,
      id,
      { roles: [{ key: text, name: text, description: text, grants: [{ scope: text }] }] },
      context,
    ),
  importMembers: (tx, id, text) =>
    roles.importOrganization(
      tx,
      id,
      { members: [{ id: text, email: text, name: text, roles: [text] }] },
      context,
    ),
  importOrganization: (tx, id, text) =>
    roles.importOrganization(tx, id, { organization: { id: text, name: text } }, context),
};

describe('a hostile text', () => {
  it.each(Object.entries(attempts))('given to %s is answered or refused', async (_, attempt) => {
    const room = await openRoom(test.db);
    for (const text of HOSTILE) {
      const outcome: unknown = await inTransaction(test.db, (tx) =>
        attempt(tx, room.id, text),
      ).catch((error: unknown) => error);
      if (!(outcome instanceof Error)) continue;
      expect(outcome, `${JSON.stringify(text.slice(0, 30))}: ${outcome.message}`).toBeInstanceOf(
        RolecallError,
      );
      expect(outcome).toMatchObject({ species: 'refusal' });
    }
  });
});
