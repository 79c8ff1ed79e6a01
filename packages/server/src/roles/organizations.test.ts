import { inTransaction } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { context, openRoom } from '../../test/roles/room.ts';
import { intentsOf, tracesFrom } from '../../test/roles/traces.ts';
import {
  createOrganization,
  getOrganization,
  listOrganizations,
  updateOrganization,
} from './index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

describe('changing an organization', () => {
  it('renames it, which changes no answer', async () => {
    const room = await openRoom(test.db);
    const { value, revision } = await room.perform(updateOrganization, { name: ' New ' });
    expect(value).toEqual(await getOrganization(test.db, room.id));
    expect(value.name).toBe('New');
    expect(await tracesFrom(test.db, room.id, revision)).toMatchObject({
      changes: [{ what: {} }],
      audit: [{ action: 'organization.updated', after: { name: 'New' } }],
    });
  });

  it('links it once, and notes no intent: the link begins with a snapshot', async () => {
    const room = await openRoom(test.db);
    const { value } = await room.perform(updateOrganization, { workosId: 'org_link' });
    expect(value.workosId).toBe('org_link');
    expect(await intentsOf(test.db, room.id)).toEqual([]);
    for (const change of [{ workosId: 'org_other' }, { workosId: null }, { name: 'Mine' }]) {
      await expect(room.perform(updateOrganization, change)).rejects.toMatchObject({
        code: 'owned_by_workos',
      });
    }
    await room.perform(updateOrganization, { workosId: 'org_link', name: value.name });
  });

  it('refuses the counterpart of another organization', async () => {
    const [one, two] = [await openRoom(test.db), await openRoom(test.db)];
    await one.perform(updateOrganization, { workosId: 'org_one' });
    await expect(two.perform(updateOrganization, { workosId: 'org_one' })).rejects.toMatchObject({
      code: 'workos_id_taken',
    });
    expect((await getOrganization(test.db, two.id)).workosId).toBeNull();
  });

  it('leaves no trace but the revision when nothing changes', async () => {
    const room = await openRoom(test.db);
    const { revision } = await room.perform(updateOrganization, {});
    expect((await tracesFrom(test.db, room.id, revision)).audit).toEqual([]);
  });

  it('refuses a name that shows nothing', async () => {
    const room = await openRoom(test.db);
    await expect(room.perform(updateOrganization, { name: ' ' })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('listing organizations', () => {
  it('shows each once, oldest first, page by page, with an exact total', async () => {
    for (const name of ['Zebra', 'Ångström', 'Zebra']) {
      await inTransaction(test.db, (tx) => createOrganization(tx, { name }, context));
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    let total = 0;
    do {
      const page = await listOrganizations(test.db, { limit: 2, cursor });
      total = page.total;
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(total);
    const { data } = await listOrganizations(test.db, {});
    expect(data.map(({ createdAt }) => createdAt)).toEqual(
      data.map(({ createdAt }) => createdAt).sort(),
    );
  });

  it('finds a substring from three characters, and the beginning of a word below', async () => {
    const found = async (search: string) =>
      (await listOrganizations(test.db, {}, { search })).data.map(({ name }) => name);
    expect(await found('EBR')).toEqual(['Zebra', 'Zebra']);
    expect(await found('ze')).toEqual(['Zebra', 'Zebra']);
    expect(await found('eb')).toEqual([]);
    expect(await found('ÅNGS')).toEqual(['Ångström']);
    expect(await found('%%%')).toEqual([]);
  });

  it('shows only one to whoever may see only that', async () => {
    const room = await openRoom(test.db, { name: 'Only' });
    const found = async (search?: string) =>
      (await listOrganizations(test.db, {}, { onlyId: room.id, ...(search && { search }) })).total;
    expect([await found(), await found('onl'), await found('zebra')]).toEqual([1, 1, 0]);
    expect((await listOrganizations(test.db, {}, { onlyId: 'nowhere' })).data).toEqual([]);
  });

  it.each([
    ['a cursor of another list', { cursor: Buffer.from('["roles",1]').toString('base64url') }],
    ['a cursor that is none', { cursor: '%%%' }],
    ['a limit of 0', { limit: 0 }],
    ['a limit over the limit', { limit: 1_001 }],
    ['half an item', { limit: 1.5 }],
  ])('refuses %s', async (_, page) => {
    await expect(listOrganizations(test.db, page)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
