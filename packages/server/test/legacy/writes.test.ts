import { inTransaction, query } from '@rolecall/server/database';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPrincipal, readGrants } from '../../src/access/index.ts';
import { lockOrganization } from '../../src/identity/index.ts';
import {
  closeMirror,
  createRole,
  deleteRole,
  findUnmapped,
  getRole,
  importOrganization,
  listRoles,
  mirrorRole,
  mirrorRoleEnd,
  type Role,
  updateRole,
} from '../../src/roles/index.ts';
import { openRoom, type Room } from '../roles/room.ts';
import { becomeDual, insertLegacy, legacyRows } from './legacy-room.ts';

const test = await createTestDatabase();
const { db } = test;
afterAll(() => test.close());
beforeAll(() => becomeDual(db));

const newRole = (name: string, ...ids: readonly string[]) => ({
  name,
  grants: [
    {
      scope: 'project:read',
      selectors: ids.map((id) => ({ resource_kind: 'project', resource_id: id })),
    },
  ],
  memberIds: [],
});

async function withRole(...ids: readonly string[]): Promise<{ room: Room; role: Role }> {
  const room = await openRoom(db);
  const { value: role } = await room.perform(createRole, newRole('Reader', ...ids));
  return { room, role };
}

/** What a role is granted, as a check sees it. */
async function granted(room: Room, principal: string): Promise<readonly string[]> {
  const loaded = await loadPrincipal(db, room.id, principal);
  return readGrants(loaded.direct)
    .map(({ scope, effect, selector }) => `${effect} ${scope} ${selector.resource_id}`)
    .sort();
}

const idsOf = (role: Role): readonly string[] =>
  role.grants.flatMap(({ selectors = [{ resource_id: '*' }] }) =>
    selectors.map((selector) => selector['resource_id'] ?? ''),
  );

const actionsOf = async (room: Room): Promise<readonly string[]> => {
  const rows = await query<{ readonly action: string }>(db, {
    text: `SELECT action FROM rolecall.audit_events WHERE organization_id = $1 ORDER BY sequence`,
    values: [room.id],
  });
  return rows.map(({ action }) => action);
};

describe('a role that is granted something by its slug', () => {
  it('is shown with it, once, wherever it is shown', async () => {
    const { room, role } = await withRole('a', 'b');
    await insertLegacy(
      db,
      room.id,
      { slug: role.slug, resourceId: 'b' },
      { slug: role.slug, resourceId: 'c' },
    );
    expect(idsOf(await getRole(db, room.id, role.id))).toEqual(['a', 'b', 'c']);
    const { data } = await listRoles(db, room.id, { limit: 10, search: 'Reader' });
    expect(data.map(idsOf)).toEqual([['a', 'b', 'c']]);
  });

  it('is decided by both keys', async () => {
    const { room, role } = await withRole('a');
    await insertLegacy(db, room.id, { slug: role.slug, resourceId: 'b', effect: 'deny' });
    expect(await granted(room, role.principal)).toEqual([
      'allow project:read a',
      'deny project:read b',
    ]);
  });

  it('has it by its id alone once its grants are edited, and the history says so', async () => {
    const { room, role } = await withRole('a');
    await insertLegacy(db, room.id, { slug: role.slug, resourceId: 'b' });
    const grants = newRole('', 'a', 'b', 'c').grants;
    const { value } = await room.perform(updateRole, { roleId: role.id, grants });
    expect(idsOf(value)).toEqual(['a', 'b', 'c']);
    expect(await legacyRows(db, room.id)).toMatchObject([{ brought_over: true, role_id: role.id }]);
    expect((await actionsOf(room)).slice(-2)).toEqual(['legacy.brought_over', 'role.updated']);
  });

  it('INVARIANT (deletes remove both): loses by both keys what an edit takes from it', async () => {
    const { room, role } = await withRole('a', 'b');
    await insertLegacy(
      db,
      room.id,
      { slug: role.slug, resourceId: 'b' },
      { slug: role.slug, resourceId: 'c' },
    );
    await room.perform(updateRole, { roleId: role.id, grants: newRole('', 'a').grants });
    expect(await granted(room, role.principal)).toEqual(['allow project:read a']);
    expect(await legacyRows(db, room.id)).toEqual([]);
  });

  it('INVARIANT (deletes remove both): loses it by hand too', async () => {
    const { room, role } = await withRole('a');
    await insertLegacy(db, room.id, { slug: role.slug, resourceId: 'a' });
    await query(db, {
      text: 'DELETE FROM rolecall.grants WHERE organization_id = $1 AND role_id = $2',
      values: [room.id, role.id],
    });
    expect(await legacyRows(db, room.id)).toEqual([]);
  });

  it('takes it along when it is deleted, so that no later role comes into it', async () => {
    const { room, role } = await withRole('a');
    await insertLegacy(
      db,
      room.id,
      { slug: role.slug, resourceId: 'a' },
      { slug: role.slug, resourceId: 'b' },
    );
    await room.perform(deleteRole, { roleId: role.id });
    expect(await legacyRows(db, room.id)).toEqual([]);
    const { value: next } = await room.perform(createRole, newRole('Reader'));
    expect(next.slug).toBe(role.slug);
    expect(await granted(room, next.principal)).toEqual([]);
  });

  it('keeps it with its tombstone when it is gone in WorkOS, and a role made anew there has none of it', async () => {
    const { room, role } = await withRole('a');
    await insertLegacy(db, room.id, { slug: role.slug, resourceId: 'b' });
    await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const { traces } = await mirrorRoleEnd(tx, lock, role.id);
      await closeMirror(tx, lock, [traces], null);
    });
    const kept = await query(db, {
      text: 'SELECT resource_id FROM rolecall.grants WHERE role_id = $1 ORDER BY id',
      values: [role.id],
    });
    expect(kept).toEqual([{ resource_id: 'a' }, { resource_id: 'b' }]);
    const next = await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const made = await mirrorRole(tx, lock, { slug: role.slug, name: 'New', description: null });
      await closeMirror(tx, lock, made === undefined ? [] : [made.traces], null);
      return made?.roleId ?? '';
    });
    expect(await granted(room, `role:organization:${next}`)).toEqual([]);
  });

  it('is left as it is by an import that names what it has by its slug', async () => {
    const room = await openRoom(db);
    const document = {
      roles: [{ key: 'reader', name: 'Reader', grants: newRole('', 'a').grants }],
      members: [],
    };
    await room.perform(importOrganization, document);
    const { data } = await listRoles(db, room.id, { limit: 10, search: 'Reader' });
    const slug = data[0]?.slug ?? '';
    await insertLegacy(db, room.id, { slug, resourceId: 'b' });
    const more = {
      ...document,
      roles: [{ key: 'reader', name: 'Reader', grants: newRole('', 'b', 'c').grants }],
    };
    const { value } = await room.perform(importOrganization, more);
    expect(value.grantsCreated).toBe(1);
  });
});

describe('a slug that names no role', () => {
  it('grants nothing, and no role that is made here comes into it', async () => {
    const room = await openRoom(db);
    await insertLegacy(db, room.id, { slug: 'org-reader' });
    const { value: role } = await room.perform(createRole, newRole('Reader'));
    expect(role.slug).toBe('org-reader-2');
    expect(await granted(room, role.principal)).toEqual([]);
    expect(await findUnmapped(db, { organizationId: room.id })).toEqual([
      { organizationId: room.id, slug: 'org-reader', reason: 'unknown_slug', grants: 1 },
    ]);
  });

  it('is told apart by why: unknown, deleted, ambiguous', async () => {
    const { room, role } = await withRole();
    await room.perform(deleteRole, { roleId: role.id });
    const { value: twice } = await room.perform(createRole, newRole('Twice'));
    await room.perform(deleteRole, { roleId: twice.id });
    await room.perform(createRole, newRole('Twice'));
    await insertLegacy(
      db,
      room.id,
      { slug: 'nobody' },
      { slug: role.slug },
      { slug: role.slug, resourceId: 'a' },
      { slug: twice.slug },
    );
    expect(await findUnmapped(db, { organizationId: room.id })).toMatchObject([
      { slug: 'nobody', reason: 'unknown_slug', grants: 1 },
      { slug: 'org-reader', reason: 'deleted_role', grants: 2 },
      { slug: 'org-twice', reason: 'ambiguous', grants: 1 },
    ]);
    expect(await findUnmapped(db, { organizationId: 'elsewhere' })).toEqual([]);
  });

  it('names a role from when WorkOS has one of that slug', async () => {
    const room = await openRoom(db);
    await insertLegacy(db, room.id, { slug: 'org-late', resourceId: 'x' });
    const roleId = await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const made = await mirrorRole(tx, lock, {
        slug: 'org-late',
        name: 'Late',
        description: null,
      });
      expect(made?.traces.changed).toEqual({ organization: true, roles: [made?.roleId] });
      await closeMirror(tx, lock, made === undefined ? [] : [made.traces], null);
      return made?.roleId ?? '';
    });
    expect(await granted(room, `role:organization:${roleId}`)).toEqual(['allow project:read x']);
    expect(await findUnmapped(db, { organizationId: room.id })).toEqual([]);
  });
});

describe('INVARIANT (one meaning of a slug): a slug that an own and a global role have', () => {
  const globalRole = async (room: Room, slug: string): Promise<string> => {
    const [row] = await query<{ readonly id: string }>(db, {
      text: `INSERT INTO rolecall.global_roles (slug, name) VALUES ($1, $1) RETURNING id`,
      values: [slug],
    });
    await query(db, {
      text: `INSERT INTO rolecall.roles (organization_id, id, kind) VALUES ($1, $2, 'global')`,
      values: [room.id, row?.id],
    });
    return row?.id ?? '';
  };

  it('names the own one, and nobody once that is deleted', async () => {
    const room = await openRoom(db);
    const globalId = await globalRole(room, 'org-twofold');
    await insertLegacy(db, room.id, { slug: 'org-twofold', resourceId: 'x' });
    expect(await granted(room, `role:global:${globalId}`)).toEqual(['allow project:read x']);
    const ownId = await inTransaction(db, async (tx) => {
      const lock = await lockOrganization(tx, room.id);
      const made = await mirrorRole(tx, lock, {
        slug: 'org-twofold',
        name: 'Own',
        description: null,
      });
      await closeMirror(tx, lock, made === undefined ? [] : [made.traces], null);
      return made?.roleId ?? '';
    });
    expect(await granted(room, `role:global:${globalId}`)).toEqual([]);
    expect(await granted(room, `role:organization:${ownId}`)).toEqual(['allow project:read x']);
    await room.perform(deleteRole, { roleId: ownId });
    await insertLegacy(db, room.id, { slug: 'org-twofold', resourceId: 'y' });
    expect(await granted(room, `role:global:${globalId}`)).toEqual([]);
    expect(await findUnmapped(db, { organizationId: room.id })).toMatchObject([
      { slug: 'org-twofold', reason: 'ambiguous' },
    ]);
  });

  it('names no global role that has taken the slug of a deleted one', async () => {
    const { room } = await withRole();
    const first = await globalRole(room, 'reborn');
    await insertLegacy(db, room.id, { slug: 'reborn', resourceId: 'x' });
    expect(await granted(room, `role:global:${first}`)).toEqual(['allow project:read x']);
    await query(db, {
      text: `UPDATE rolecall.global_roles SET deleted_at = now() WHERE id = $1`,
      values: [first],
    });
    expect(await legacyRows(db, room.id)).toMatchObject([{ role_id: null }]);
    const second = await globalRole(room, 'reborn');
    expect(await granted(room, `role:global:${second}`)).toEqual([]);
  });
});
