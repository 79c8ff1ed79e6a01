import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase } from '@rolecall/testkit';
import { inTransaction, query } from '@rolecall/server/database';
import { afterAll, describe, expect, it } from 'vitest';
import { context, openRoom } from '../../test/roles/room.ts';
import { brokenInvariants, tracesFrom } from '../../test/roles/traces.ts';
import { createOrganization, getOrganization, listRoles, type NewOrganization } from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

const create = (args: NewOrganization) =>
  inTransaction(test.db, (tx) => createOrganization(tx, args, context));

describe('creating an organization', () => {
  it('seeds the system roles with the grants of the policy, everywhere', async () => {
    await create({ id: 'acme', name: 'Acme' });
    const { data } = await listRoles(test.db, 'acme', {});
    const scopesOf = (slug: string) =>
      data.find((role) => role.slug === slug)?.grants.map(({ scope }) => scope);
    expect(scopesOf('admin')).toEqual(builtinPolicy.system_roles.admin);
    expect(scopesOf('member')).toEqual(builtinPolicy.system_roles.member);
    expect(data.flatMap((role) => role.grants).every((grant) => !grant.selectors)).toBe(true);
  });

  it('answers with what is stored, at revision 1', async () => {
    const { value, revision } = await create({
      id: 'beta',
      name: ' Be\u0301ta ',
      workosId: 'org_1',
    });
    expect(revision).toBe(1);
    expect(value).toEqual(await getOrganization(test.db, 'beta'));
    expect(value).toMatchObject({
      name: 'Béta',
      workosId: 'org_1',
      enforcement: 'enforced',
      memberCount: 0,
      roleCount: 2,
      noAdmin: false,
    });
  });

  it('makes an id where none is given', async () => {
    const { value } = await create({ name: 'Nameless' });
    expect(value.id).toMatch(/^org_[0-9A-Za-z]{22}$/);
  });

  it('starts an adopted organization with its enforcement off', async () => {
    const { value } = await create({ name: 'Adopted', enforcement: 'off' });
    expect(value.enforcement).toBe('off');
  });

  it('gives it a row of every live global role', async () => {
    await query(test.db, {
      text: `INSERT INTO rolecall.global_roles (slug, name, deleted_at)
        VALUES ('billing', 'Billing', NULL), ('gone', 'Gone', now())`,
    });
    const { value } = await create({ name: 'With billing' });
    const { data } = await listRoles(test.db, value.id, {});
    expect(data.map((role) => role.slug).sort()).toEqual(['admin', 'billing', 'member']);
    await query(test.db, {
      text: `UPDATE rolecall.global_roles SET deleted_at = now() WHERE slug = 'billing'`,
    });
  });

  it('leaves a change record and the first event of its history', async () => {
    const { id } = await openRoom(test.db, { id: 'traced' });
    const { changes, audit } = await tracesFrom(test.db, id, 1);
    expect(changes[0]).toEqual({ revision: 1, what: { organization: true } });
    expect(audit[0]).toMatchObject({
      sequence: 1,
      revision: 1,
      actor: context.actor,
      action: 'organization.created',
      subject: 'organization:traced',
      before: null,
      after: { id: 'traced', enforcement: 'enforced' },
      request_id: 'request-1',
    });
  });

  it('refuses an id that is there', async () => {
    await create({ id: 'twice', name: 'Twice' });
    await expect(create({ id: 'twice', name: 'Other' })).rejects.toMatchObject({
      code: 'organization_exists',
    });
  });

  it('refuses a WorkOS id that another organization is linked to', async () => {
    await create({ name: 'First', workosId: 'org_taken' });
    await expect(create({ name: 'Second', workosId: 'org_taken' })).rejects.toMatchObject({
      code: 'workos_id_taken',
    });
  });

  it.each([
    ['an id with a space', { id: 'a b', name: 'A' }],
    ['the wildcard as id', { id: '*', name: 'A' }],
    ['an empty name', { name: '  ' }],
    ['a name with a control character', { name: 'a\u0007b' }],
    ['a name that is too long', { name: 'x'.repeat(256) }],
    ['half of a character', { name: 'a\ud800' }],
    ['a WorkOS id with a space', { name: 'A', workosId: 'org 1' }],
  ])('refuses %s', async (_, args) => {
    await expect(create(args)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('takes a name of 255 characters of any script', async () => {
    const name = '🌳'.repeat(255);
    expect((await create({ name })).value.name).toBe(name);
  });

  it('lets two at once make one and refuse the other', async () => {
    const both = await Promise.allSettled([
      create({ id: 'race', name: 'One' }),
      create({ id: 'race', name: 'Two' }),
    ]);
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((result) => result.status === 'rejected')?.reason).toMatchObject({
      code: 'organization_exists',
    });
  });

  it('breaks no invariant', async () => {
    expect(await brokenInvariants(test.db)).toEqual([]);
  });
});
