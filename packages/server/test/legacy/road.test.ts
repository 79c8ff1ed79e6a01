import { builtinPolicy } from '@rolecall/policy';
import { inTransaction, query } from '@rolecall/server/database';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindLegacy, type Legacy } from '../../src/bind-legacy.ts';
import { createAccess } from '../../src/access/index.ts';
import { createRole, type Role, setMemberRoles, updateRole } from '../../src/roles/index.ts';
import { openRoom, type Room } from '../roles/room.ts';
import { insertLegacy, legacyRows } from './legacy-room.ts';

let test: TestDatabase;
let legacy: Legacy;
let room: Room;
let role: Role;

const selector = (id: string) => ({ resource_kind: 'project', resource_id: id });
const grants = (...ids: readonly string[]) => [
  { scope: 'project:read', selectors: ids.map(selector) },
];
const row = (principal_urn: string, id: string, rest: object = {}) => ({
  principal_urn,
  scope: 'project:read',
  effect: 'allow',
  selectors: selector(id),
  ...rest,
});
const ids = (count: number) => Array.from({ length: count }, (_, n) => `p${n}`);

beforeEach(async () => {
  test = await createTestDatabase();
  legacy = bindLegacy(test.db, builtinPolicy);
  room = await openRoom(test.db);
  role = (await room.perform(createRole, { name: 'Reader', grants: grants('own'), memberIds: [] }))
    .value;
  await room.add('ann', { roleIds: [role.id] });
});
afterEach(() => test.close());

async function withAccess<T>(
  work: (can: (user: string, id: string) => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const access = createAccess({ database: test.database, policy: builtinPolicy });
  try {
    return await work(async (user, id) =>
      (await access.principal(room.id, `user:${user}`)).can('project:read', id),
    );
  } finally {
    await access.close();
  }
}

const importRows = (...rows: readonly ReturnType<typeof row>[]) => legacy.importRows(room.id, rows);

describe('the road from slugs to ids', () => {
  it('is gone step by step, and decides the same at each', async () => {
    await legacy.open();
    await importRows(...ids(25).map((id) => row('role:org-reader', id)));
    await withAccess(async (can) => {
      const decides = async () =>
        Promise.all(['own', 'p0', 'p24', 'p25'].map((id) => can('ann', id)));
      const same = [true, true, true, false];
      expect(await decides()).toEqual(same);
      expect(await legacy.status()).toMatchObject({ state: 'dual', left: 25, unmapped: 0 });
      expect(await legacy.plan()).toEqual([{ organizationId: room.id, grants: 25 }]);
      await expect(legacy.cutOver()).rejects.toMatchObject({ code: 'legacy_grants_left' });
      const report = await legacy.backfill({ batchSize: 10 });
      expect(report).toEqual({ organizations: 1, grants: 25, made: 25, transactions: 3 });
      expect(await decides()).toEqual(same);
      expect(await legacy.verify()).toEqual({
        organizations: 1,
        roles: 1,
        members: 2,
        differingMembers: 0,
        differences: [],
      });
      expect(await legacy.cutOver()).toMatchObject({ state: 'cut_over' });
      expect(await decides()).toEqual(same);
      await expect(importRows(row('role:org-reader', 'x'))).rejects.toThrow();
      await expect(legacy.backfill()).rejects.toMatchObject({ code: 'legacy_wrong_state' });
      expect(await legacy.rollBack()).toMatchObject({ state: 'dual' });
      expect(await decides()).toEqual(same);
      await legacy.cutOver();
      expect(await legacy.purge()).toBe(25);
      expect(await legacy.status()).toMatchObject({ state: 'purged', broughtOver: 0 });
      expect(await decides()).toEqual(same);
      await expect(legacy.rollBack()).rejects.toMatchObject({ code: 'legacy_wrong_state' });
      await expect(legacy.open()).rejects.toMatchObject({ code: 'legacy_wrong_state' });
    });
    const events = await query<{ readonly after: unknown }>(test.db, {
      text: `SELECT after FROM rolecall.environment_audit_events
        WHERE action = 'legacy.state_changed' ORDER BY sequence`,
    });
    expect(events.map(({ after }) => after)).toEqual(
      ['dual', 'cut_over', 'dual', 'cut_over', 'purged'].map((state) => ({ legacy_state: state })),
    );
  });

  it('takes back no revocation with a cut-over that is taken back', async () => {
    await legacy.open();
    await importRows(row('role:org-reader', 'a'), row('role:org-reader', 'b'));
    await legacy.backfill();
    await legacy.cutOver();
    await room.perform(updateRole, { roleId: role.id, grants: grants('a') });
    await legacy.rollBack();
    await withAccess(async (can) => {
      expect([await can('ann', 'a'), await can('ann', 'b')]).toEqual([true, false]);
    });
    expect(await legacyRows(test.db, room.id)).toHaveLength(1);
  });

  it('is told to nodes that hold states, with no step and no grant missed', async () => {
    const [first, second] = [0, 1].map(() =>
      createAccess({ database: test.database, policy: builtinPolicy, memory: {} }),
    );
    const answers = async (id: string) =>
      Promise.all(
        [first, second].map(async (access) =>
          (await access?.principal(room.id, 'user:ann'))?.can('project:read', id),
        ),
      );
    try {
      expect(await answers('late')).toEqual([false, false]);
      await legacy.open();
      expect(await answers('late')).toEqual([false, false]);
      await importRows(row('role:org-reader', 'late'));
      await expect.poll(() => answers('late')).toEqual([true, true]);
      await legacy.backfill();
      expect(await answers('late')).toEqual([true, true]);
      await legacy.cutOver();
      expect(await answers('late')).toEqual([true, true]);
      await room.perform(updateRole, { roleId: role.id, grants: grants('own') });
      await expect.poll(() => answers('late')).toEqual([false, false]);
      await legacy.rollBack();
      expect(await answers('late')).toEqual([false, false]);
      await importRows(row('role:org-reader', 'late', { effect: 'deny' }));
      await importRows(row('role:member', 'late'));
      await room.perform(setMemberRoles, { userId: 'ann', roleIds: [room.memberRoleId] });
      await expect.poll(() => answers('late')).toEqual([true, true]);
    } finally {
      await first?.close();
      await second?.close();
    }
  });
});

describe('a backfill', () => {
  it('stops where it is told to, goes on from there, and does nothing the second time', async () => {
    await legacy.open();
    await importRows(...ids(30).map((id) => row('role:org-reader', id)));
    const stop = new AbortController();
    const seen: number[] = [];
    const cut = await legacy.backfill({
      batchSize: 10,
      signal: stop.signal,
      onProgress: ({ done, total }) => {
        seen.push(done);
        expect(total).toBe(30);
        stop.abort();
      },
    });
    expect([cut.grants, seen]).toEqual([10, [10]]);
    expect(await legacy.backfill({ batchSize: 7 })).toMatchObject({ grants: 20, made: 20 });
    expect(await legacy.backfill()).toMatchObject({ grants: 0, transactions: 0 });
  });

  it('makes nothing that its role has already, and leaves what cannot be mapped', async () => {
    await legacy.open();
    await importRows(row('role:org-reader', 'own'), row('role:nobody', 'x'));
    expect(await legacy.backfill()).toMatchObject({ grants: 1, made: 0 });
    expect(await legacy.status()).toMatchObject({ left: 0, unmapped: 1, broughtOver: 1 });
    await expect(legacy.cutOver()).rejects.toMatchObject({ code: 'legacy_grants_left' });
  });

  it('runs beside another one and beside writes, and every decision is what the writes made it', async () => {
    await legacy.open();
    await importRows(...ids(200).map((id) => row('role:org-reader', id)));
    const writing = async () => {
      for (let n = 0; n < 10; n += 1) {
        const kept = ids(200).filter((_, index) => index > n);
        await room.perform(updateRole, { roleId: role.id, grants: grants(...kept) });
      }
    };
    await Promise.all([
      legacy.backfill({ batchSize: 9 }),
      legacy.backfill({ batchSize: 13 }),
      writing(),
    ]);
    await legacy.backfill();
    expect((await legacy.verify()).differences).toEqual([]);
    await withAccess(async (can) => {
      expect([await can('ann', 'p9'), await can('ann', 'p10')]).toEqual([false, true]);
    });
  });
});

describe('verifying', () => {
  beforeEach(async () => {
    await legacy.open();
    await importRows(row('role:org-reader', 'a'), row('role:org-reader', 'b'));
  });

  const differences = async () =>
    (await legacy.verify()).differences.map(({ lost, gained }) => ({ lost, gained }));

  it('finds what has not been brought over', async () => {
    expect(await differences()).toEqual([
      { lost: ['allow project:read ["a"]', 'allow project:read ["b"]'], gained: [] },
    ]);
    expect(await legacy.verify()).toMatchObject({ differingMembers: 1 });
  });

  it('finds a grant that was brought over to the wrong place, or was lost on the way', async () => {
    await legacy.backfill();
    const sql = (text: string) => query(test.db, { text });
    await sql(`ALTER TABLE rolecall.grants DISABLE TRIGGER grants_delete_legacy_twins`);
    await sql(`UPDATE rolecall.grants SET resource_id = 'z' WHERE resource_id = 'a'`);
    await sql(`DELETE FROM rolecall.grants WHERE resource_id = 'b'`);
    expect(await differences()).toEqual([
      {
        lost: ['allow project:read ["a"]', 'allow project:read ["b"]'],
        gained: ['allow project:read ["z"]'],
      },
    ]);
  });

  it('takes what an edit made since then for what it is', async () => {
    await legacy.backfill();
    await room.perform(updateRole, { roleId: role.id, grants: grants('a', 'new') });
    expect(await differences()).toEqual([]);
  });
});

describe('settling a slug that names no role', () => {
  beforeEach(async () => {
    await legacy.open();
    await importRows(row('role:old-name', 'a'));
  });

  it('gives its grants to a role, which is what nodes hear of', async () => {
    const { value } = await legacy.settle(room.id, { slug: 'old-name', roleId: role.id });
    expect(value).toBe(1);
    await withAccess(async (can) => {
      expect(await can('ann', 'a')).toBe(true);
    });
    expect((await legacy.verify()).differences).toEqual([]);
    await legacy.cutOver();
  });

  it('or deletes them', async () => {
    await legacy.settle(room.id, { slug: 'old-name', roleId: null });
    expect(await legacyRows(test.db, room.id)).toEqual([]);
    await expect(legacy.settle(room.id, { slug: 'old-name', roleId: null })).rejects.toMatchObject({
      code: 'legacy_slug_not_found',
    });
  });

  it('refuses one that names a role', async () => {
    await importRows(row('role:org-reader', 'x'));
    await expect(
      legacy.settle(room.id, { slug: 'org-reader', roleId: null }),
    ).rejects.toMatchObject({ code: 'legacy_slug_not_found' });
  });
});

describe('importing a table of grants by principal', () => {
  beforeEach(() => legacy.open());

  it('keeps slugs as they are, stores ids in their own form, and is safe to repeat', async () => {
    const rows = [
      row('role:org-reader', 'a'),
      row('user:ann', 'b'),
      row(role.principal, 'c'),
      row('role:org-reader', '', { selectors: [selector('d'), selector('e')] }),
    ];
    expect((await importRows(...rows)).value).toEqual({ bySlug: 3, byId: 2, leftOut: [] });
    expect((await importRows(...rows)).value).toEqual({ bySlug: 0, byId: 0, leftOut: [] });
    await withAccess(async (can) => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) expect(await can('ann', id)).toBe(true);
    });
  });

  it('leaves out allows that mean nothing here, and says why', async () => {
    const { value } = await importRows(
      row('user:stranger', 'a'),
      row('role:organization:00000000-0000-4000-8000-000000000000', 'a'),
      row('team:x', 'a'),
      row('role:org-reader', 'a', { scope: 'gone:read' }),
      row('role:org-reader', 'a', { selectors: null }),
      row('role:org-reader', 'a', { selectors: { resource_kind: 'mcp', resource_id: 'a' } }),
    );
    expect(value).toMatchObject({ bySlug: 0, byId: 0 });
    expect(value.leftOut.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "\`team:x\` is no principal that can be imported",
        "unknown scope \`gone:read\`",
        "\`selectors\` is neither a selector nor a list of them",
        "\`resource_kind\` of \`project:read\` cannot be \`mcp\`",
        "\`user:stranger\` is not in the organization",
        "\`role:organization:00000000-0000-4000-8000-000000000000\` is not in the organization",
      ]
    `);
  });

  it('is refused whole for a deny that cannot be stored', async () => {
    await expect(
      importRows(
        row('role:org-reader', 'a'),
        row('role:org-reader', 'a', { effect: 'deny', scope: 'gone:read' }),
      ),
    ).rejects.toMatchObject({ code: 'invalid_grant' });
    expect(await legacyRows(test.db, room.id)).toEqual([]);
  });

  it('INVARIANT (old form refused): cannot slip a grant past a cut-over that runs at the same time', async () => {
    let release = (): void => undefined;
    let inserted = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const isInserted = new Promise<void>((resolve) => (inserted = resolve));
    const storing = inTransaction(test.db, async (tx) => {
      await query(tx, {
        text: `INSERT INTO rolecall.legacy_grants (organization_id, slug, scope, effect, resource_id)
          VALUES ($1, 'org-reader', 'project:read', 'allow', 'late')`,
        values: [room.id],
      });
      inserted();
      await held;
    });
    await isInserted;
    let outcomeSoFar: string | undefined;
    const settled = legacy.cutOver().then(
      () => (outcomeSoFar = 'cut over'),
      (error: unknown) => (outcomeSoFar = (error as { code?: string }).code),
    );
    const waits = async () =>
      (
        await query(test.db, {
          text: `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        })
      ).length > 0;
    // It has to wait for what is being stored, unless nothing keeps it from cutting over meanwhile.
    await expect.poll(async () => outcomeSoFar !== undefined || (await waits())).toBe(true);
    release();
    await storing;
    const outcome = await settled;
    const { state, left } = await legacy.status();
    expect([outcome, state, left]).toEqual(['legacy_grants_left', 'dual', 1]);
  });
});

it('stores what is keyed by a slug for tests as a command would', async () => {
  await legacy.open();
  await insertLegacy(test.db, room.id, { slug: 'org-reader', resourceId: 'x' });
  expect(await legacyRows(test.db, room.id)).toMatchObject([{ role_id: role.id }]);
});
