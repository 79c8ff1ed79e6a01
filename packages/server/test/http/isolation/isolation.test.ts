import { afterAll, describe, expect, it } from 'vitest';
import { openIsolation, operations } from './isolation.ts';
import { outsideOwn, withinOwn } from './probes.ts';
import { tapStatements } from './statements.ts';
import { buildTenants } from './tenants.ts';

const statements = tapStatements();
const { api, shared, tenantsFor, send, leaksOf, close } = await openIsolation();
afterAll(close);
const { db } = api.test;

describe('within an organization, what belongs to another one is not there', () => {
  it.each(operations)('for a key of the environment: %s', async (id) => {
    expect(await leaksOf(id, withinOwn[id], await tenantsFor(id), api.key.secret)).toEqual([]);
  });

  it.each(operations)('for a key of the organization: %s', async (id) => {
    const tenants = await tenantsFor(id);
    expect(await leaksOf(id, withinOwn[id], tenants, tenants.keys.manage)).toEqual([]);
  });
});

describe('to a key of one organization, another one is as good as none', () => {
  it.each(operations)('with the scope `manage`: %s', async (id) => {
    const tenants = await tenantsFor(id);
    expect(await leaksOf(id, outsideOwn[id], tenants, tenants.keys.manage)).toEqual([]);
  });

  it.each(operations)('with the scope `check`: %s', async (id) => {
    expect(await leaksOf(id, outsideOwn[id], shared, shared.keys.check)).toEqual([]);
  });

  it('is refused before anything is read', async () => {
    const { own, other, keys } = await buildTenants(db);
    for (const id of operations) {
      for (const probe of outsideOwn[id](own, other, 'x')) {
        if (probe.params?.['org'] !== other.org) continue;
        const [outcome, sent] = await statements.record(() => send(id, probe, keys.manage));
        expect([id, outcome.status]).toEqual([id, 404]);
        expect(sent.map(({ text }) => text)).toEqual([expect.stringContaining('api_keys')]);
      }
    }
  });
});

describe('to a key of one organization, its own is all there is', () => {
  it('in the lists of organizations and of API keys', async () => {
    const { own, keys } = await buildTenants(db);
    const { body } = await api.ok('listOrganizations', { as: keys.manage });
    expect(body.data.map(({ id }) => id)).toEqual([own.org]);
    expect(body.total).toBe(1);
    const listed = await api.ok('listApiKeys', { as: keys.manage });
    expect(new Set(listed.body.data.map((key) => key.organization_id))).toEqual(new Set([own.org]));
  });
});

const tenantTables =
  'organizations|organization_state|memberships|roles|assignments|grants|changes|audit_events|sync_entities|sync_organizations|sync_marks|sync_brakes|usable_admins';

/** The tables of a statement that hold rows of tenants, one entry for each time it goes to one. */
function tenantTablesOf(text: string): readonly string[] {
  const reference = new RegExp(
    `\\b(?:FROM|JOIN|UPDATE|INTO)\\s+rolecall\\.(${tenantTables})\\b`,
    'g',
  );
  return [...text.matchAll(reference)].map(([, table = '']) => table);
}

describe('every statement about rows of tenants', () => {
  it.each(operations)('names the organization: %s', async (id) => {
    const { own, other, keys } = await tenantsFor(id);
    const [, sent] = await statements.record(async () => {
      for (const target of [own, other]) {
        for (const probe of withinOwn[id](own, target, target.org))
          await send(id, probe, keys.manage);
      }
    });
    for (const { text, values } of sent) {
      const tables = tenantTablesOf(text);
      if (tables.length === 0) continue;
      const mentions = text.match(/organization_id|\bo\.id\b|organizations WHERE id\b/g) ?? [];
      expect(mentions.length, text).toBeGreaterThanOrEqual(tables.length);
      expect(values, text).toContain(own.org);
    }
  });
});
