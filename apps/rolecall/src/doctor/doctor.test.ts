import { builtinPolicy, definePolicy, organizationKind } from '@rolecall/policy';
import { query } from '@rolecall/server/database';
import {
  buildApiKey,
  buildOrganization,
  buildRole,
  createTestDatabase,
  type TestDatabase,
} from '@rolecall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkData } from './data-checks.ts';
import { checkServer } from './database-checks.ts';
import { type Finding } from './finding.ts';
import { findInvalidGrants } from './stored-grants.ts';

const invoices = definePolicy({
  kinds: { org: organizationKind, invoice: { actions: { read: {} } } },
  system_roles: { admin: 'all', member: ['invoice:read'] },
});

let test: TestDatabase;

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.close());

const named = (findings: readonly Finding[], name: string): Finding | undefined =>
  findings.find((finding) => finding.name === name);

describe('findInvalidGrants', () => {
  it('finds nothing in what the policy declares', async () => {
    await buildOrganization(test.db);
    expect(await findInvalidGrants(test.db, builtinPolicy)).toEqual([]);
  });

  it('gathers what another policy does not know, by scope and effect', async () => {
    const organization = await buildOrganization(test.db, { id: 'acme', systemGrants: false });
    await buildRole(test.db, organization.id, {
      grants: [
        { scope: 'project:read', resourceId: 'a' },
        { scope: 'project:read', resourceId: 'b' },
        { scope: 'project:write', effect: 'deny' },
      ],
    });
    const invalid = await findInvalidGrants(test.db, invoices);
    expect(invalid).toMatchObject([
      { scope: 'project:write', effect: 'deny', rows: 1, exampleOrganization: 'acme' },
      { scope: 'project:read', effect: 'allow', rows: 2, exampleOrganization: 'acme' },
    ]);
    expect(invalid[0]?.reason).toContain('project:write');
    expect(await findInvalidGrants(test.db, invoices, { onlyDenies: true })).toMatchObject([
      { scope: 'project:write' },
    ]);
  });

  it('finds a dimension that is no longer declared', async () => {
    const { id } = await buildOrganization(test.db);
    await buildRole(test.db, id, {
      grants: [{ scope: 'mcp:connect', effect: 'deny', dimensions: { colour: 'red' } }],
    });
    const invalid = await findInvalidGrants(test.db, builtinPolicy, { onlyDenies: true });
    expect(invalid).toMatchObject([{ scope: 'mcp:connect', rows: 1 }]);
    expect(invalid[0]?.reason).toContain('colour');
  });

  it('leaves the grants of deleted roles alone', async () => {
    const { id } = await buildOrganization(test.db);
    const role = await buildRole(test.db, id, {
      grants: [{ scope: 'castle:storm', effect: 'deny' }],
    });
    expect(await findInvalidGrants(test.db, builtinPolicy)).toHaveLength(1);
    await query(test.db, {
      text: 'UPDATE rolecall.roles SET deleted_at = now() WHERE id = $1',
      values: [role.id],
    });
    expect(await findInvalidGrants(test.db, builtinPolicy)).toEqual([]);
  });
});

describe('checkData', () => {
  it('finds nothing wrong in a healthy database', async () => {
    await buildOrganization(test.db);
    await buildApiKey(test.db);
    const findings = await checkData(test.database, builtinPolicy);
    expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('fails for a deny that is not understood, and warns for an allow', async () => {
    const { id } = await buildOrganization(test.db, { systemGrants: false });
    await buildRole(test.db, id, { grants: [{ scope: 'castle:visit' }] });
    expect(named(await checkData(test.database, builtinPolicy), 'grants')?.status).toBe('warn');
    await buildRole(test.db, id, { grants: [{ scope: 'castle:storm', effect: 'deny' }] });
    expect(named(await checkData(test.database, builtinPolicy), 'grants')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('1 deny of castle:storm') as unknown,
    });
  });

  it.each([
    ['a total of members', 'UPDATE rolecall.organization_state SET member_count = 7'],
    ['a total of roles', 'UPDATE rolecall.organization_state SET role_count = 0'],
    ["a role's total of members", 'UPDATE rolecall.roles SET member_count = 1'],
  ])('fails when %s is wrong', async (_, text) => {
    await buildOrganization(test.db, { id: 'acme' });
    await query(test.db, { text });
    expect(named(await checkData(test.database, builtinPolicy), 'counters')).toMatchObject({
      status: 'fail',
      message: '1 organization with a wrong total, such as acme',
    });
  });

  it('warns of an organization without an admin', async () => {
    await buildOrganization(test.db, { id: 'acme' });
    await query(test.db, { text: 'UPDATE rolecall.organization_state SET no_admin = true' });
    expect(named(await checkData(test.database, builtinPolicy), 'admins')?.status).toBe('warn');
  });

  it('warns when no key administers it', async () => {
    const { id } = await buildOrganization(test.db);
    await buildApiKey(test.db, { scope: 'check' });
    await buildApiKey(test.db, { organizationId: id });
    await buildApiKey(test.db, { revoked: true });
    const finding = named(await checkData(test.database, builtinPolicy), 'keys');
    expect(finding).toMatchObject({ status: 'warn' });
    expect(finding?.advice).toContain('keys create admin --direct');
  });
});

describe('checkServer', () => {
  // A server of tests is fast instead of durable.
  it('finds nothing wrong but the durability of a throw-away server', async () => {
    const findings = await checkServer(test.database);
    expect(findings.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([
      'durability',
    ]);
  });

  it('says which extension is missing, and how to get it', async () => {
    const empty = await createTestDatabase({ empty: true });
    try {
      const findings = await checkServer(empty.database);
      expect(named(findings, 'extensions')?.advice).toContain('CREATE EXTENSION pg_trgm;');
      expect(named(findings, 'search')?.status).toBe('warn');
    } finally {
      await empty.close();
    }
  });

  it('warns when search knows Latin letters only', async () => {
    const ascii = await createTestDatabase({ empty: true, locale: 'C' });
    try {
      await query(ascii.db, { text: 'CREATE EXTENSION pg_trgm WITH SCHEMA public' });
      expect(named(await checkServer(ascii.database), 'search')?.status).toBe('warn');
    } finally {
      await ascii.close();
    }
  });
});
