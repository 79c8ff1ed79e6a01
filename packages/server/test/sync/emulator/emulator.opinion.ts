import { eventually } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRole,
  deleteRole,
  listRoles,
  setMemberRoles,
  updateRole,
} from '../../../src/roles/index.ts';
import { createWebhookReceiver, readSyncStatus } from '../../../src/sync/index.ts';
import { EMULATOR_VERSION } from '../../../src/workos/test/emulator.ts';
import { unsupported } from '../../../src/workos/test/emulator-exceptions.ts';
import { context, type EmulatorWorld, openEmulatorWorld, type Remote } from './emulator-world.ts';

/*
 * The whole engine against the emulator that WorkOS publishes: an opinion on the API that is not our own. What
 * stands between the two is listed as `interpreted`, what the emulator cannot make happen as `unsupported`.
 */
describe(`the engine on the emulator of \`workos\` ${EMULATOR_VERSION}`, () => {
  let world: EmulatorWorld;
  const roleThere = (slug: string): Promise<Remote> =>
    world.there('GET', `/authorization/organizations/${world.remoteId}/roles/${slug}`);
  const memberships = '/user_management/organization_memberships';
  const idOfRole = async (slug: string): Promise<string> => {
    const { data } = await listRoles(world.db, 'acme', {});
    return data.find((role) => role.slug === slug)?.id ?? '';
  };
  const slugsOf = async (email: string): Promise<readonly string[]> => {
    const { data } = await listRoles(world.db, 'acme', {});
    const ids = (await world.member(email))?.roleIds ?? [];
    return ids.flatMap((id) => data.find((role) => role.id === id)?.slug ?? []).sort();
  };
  const join = async (email: string, role: string): Promise<Remote> => {
    const user = await world.there('POST', '/user_management/users', {
      email,
      email_verified: true,
    });
    return world.there('POST', memberships, {
      organization_id: world.remoteId,
      user_id: user.id,
      role_slug: role,
    });
  };
  /** Nothing is on its way any more, and both sides say the same. */
  const equal = (): Promise<void> =>
    eventually(async () => {
      const { pending, marked, comparing } = await readSyncStatus(world.db, 'acme');
      expect({ pending, marked, comparing }).toEqual({ pending: 0, marked: 0, comparing: 0 });
      const { drift, compared } = await world.sync.repair('acme', { dryRun: true });
      expect(drift).toEqual([]);
      expect(compared).toBeGreaterThan(0);
    }, 20_000);

  beforeAll(async () => {
    world = await openEmulatorWorld();
    await world.there('POST', `/authorization/organizations/${world.remoteId}/roles`, {
      slug: 'org-auditor',
      name: 'Auditor',
    });
    await join('ada@acme.test', 'admin');
    await join('bob@acme.test', 'org-auditor');
    await world.sync.start();
    await equal();
  });
  afterAll(() => world.close());

  it('takes an organization in with its roles and members', async () => {
    expect(await slugsOf('ada@acme.test')).toEqual(['admin']);
    expect(await slugsOf('bob@acme.test')).toEqual(['org-auditor']);
    expect(await idOfRole('org-auditor')).not.toBe('');
  });

  it('sends a role that is made, renamed and deleted here', async () => {
    const made = await world.command((tx) =>
      createRole(tx, 'acme', { name: 'Writer', grants: [{ scope: 'project:write' }] }, context),
    );
    await eventually(async () => {
      expect((await roleThere('org-writer')).name).toBe('Writer');
    });
    await world.command((tx) =>
      updateRole(tx, 'acme', { roleId: made.id, name: 'Author', description: 'writes' }, context),
    );
    await eventually(async () => {
      expect(await roleThere('org-writer')).toMatchObject({
        name: 'Author',
        description: 'writes',
      });
    });
    await world.command((tx) => deleteRole(tx, 'acme', { roleId: made.id }, context));
    await eventually(async () => {
      expect((await roleThere('org-writer')).code).toBe('not_found');
    });
    await equal();
  });

  it('sends who holds a role, and who does not any more', async () => {
    const { id } = await join('cy@acme.test', 'member');
    await eventually(async () => {
      expect(await slugsOf('cy@acme.test')).toEqual(['member']);
    });
    const cy = await world.member('cy@acme.test');
    const roleThereOf = async (): Promise<unknown> =>
      (await world.there('GET', `${memberships}/${id}`)).role;
    for (const slug of ['org-auditor', 'member']) {
      const roleIds = [await idOfRole(slug)];
      await world.command((tx) =>
        setMemberRoles(tx, 'acme', { userId: cy?.userId ?? '', roleIds }, context),
      );
      await eventually(async () => {
        expect(await roleThereOf()).toEqual({ slug });
      });
    }
    await equal();
  });

  it('sends a role and its holder in that order, and takes both away again', async () => {
    const { id } = await join('di@acme.test', 'member');
    const di = await eventually(async () => {
      const found = await world.member('di@acme.test');
      expect(found).toBeDefined();
      return found;
    });
    const userId = di?.userId ?? '';
    const role = await world.command((tx) =>
      createRole(tx, 'acme', { name: 'Clerk', grants: [] }, context),
    );
    await world.command((tx) =>
      setMemberRoles(tx, 'acme', { userId, roleIds: [role.id] }, context),
    );
    await eventually(async () => {
      expect((await world.there('GET', `${memberships}/${id}`)).role).toEqual({
        slug: 'org-clerk',
      });
    });
    await world.command((tx) => deleteRole(tx, 'acme', { roleId: role.id }, context));
    await eventually(async () => {
      expect((await roleThere('org-clerk')).code).toBe('not_found');
      expect((await world.there('GET', `${memberships}/${id}`)).role).toEqual({ slug: 'member' });
    });
    await equal();
  });

  it('takes over what is done to roles there', async () => {
    const roles = `/authorization/organizations/${world.remoteId}/roles`;
    await world.there('POST', roles, { slug: 'org-guest', name: 'Guest' });
    await eventually(async () => {
      expect(await idOfRole('org-guest')).not.toBe('');
    });
    await world.there('PUT', `${roles}/org-guest`, { name: 'Visitor' });
    await eventually(async () => {
      const { data } = await listRoles(world.db, 'acme', {});
      expect(data.map((role) => role.name)).toContain('Visitor');
    });
    await world.there('DELETE', `${roles}/org-guest`);
    await eventually(async () => {
      expect(await idOfRole('org-guest')).toBe('');
    });
    await equal();
  });

  it('takes over what is done to members there: joined, promoted, suspended, back, removed', async () => {
    const email = 'eve@acme.test';
    const { id } = await join(email, 'member');
    const becomes = (status: string | undefined, slugs: readonly string[]): Promise<void> =>
      eventually(async () => {
        expect((await world.member(email))?.status).toBe(status);
        expect(await slugsOf(email)).toEqual(slugs);
      });
    await becomes('active', ['member']);
    await world.there('PUT', `${memberships}/${id}`, { role_slug: 'admin' });
    await becomes('active', ['admin']);
    await world.there('PUT', `${memberships}/${id}/deactivate`);
    await becomes('inactive', ['admin']);
    await world.there('PUT', `${memberships}/${id}/reactivate`);
    await becomes('active', ['admin']);
    await world.there('DELETE', `${memberships}/${id}`);
    await becomes(undefined, []);
    await equal();
  });

  it('denies whoever is deleted there', async () => {
    const { id } = await join('flo@acme.test', 'member');
    await eventually(async () => {
      expect((await world.member('flo@acme.test'))?.status).toBe('active');
    });
    const { user_id: user } = (await world.there('GET', `${memberships}/${id}`)) as Remote & {
      readonly user_id: string;
    };
    await world.there('DELETE', `/user_management/users/${user}`);
    await eventually(async () => {
      expect(await world.member('flo@acme.test')).toBeUndefined();
    });
    await equal();
  });

  it('agrees with its webhooks about what is signed, though not about the unit of time', () => {
    const [webhook] = world.webhooks;
    if (webhook === undefined) throw new Error('no webhook arrived');
    const secrets = [world.webhookSecret];
    const receive = (now?: () => number) =>
      createWebhookReceiver({ secrets, nudge: () => undefined, ...(now && { now }) }).receive(
        webhook,
      );
    const inSeconds = (): number => Date.now() / 1_000;
    expect(receive(inSeconds)).toEqual({ accepted: true, repeated: false });
    expect(receive()).toEqual({ accepted: false, doubt: 'stale' });
    const altered = Buffer.concat([webhook.body, Buffer.from(' ')]);
    const receiver = createWebhookReceiver({ secrets, nudge: () => undefined, now: inSeconds });
    const forged = receiver.receive({ ...webhook, body: altered });
    expect(forged).toEqual({ accepted: false, doubt: 'wrong_signature' });
  });

  for (const [title, reason] of Object.entries(unsupported)) {
    it(`cannot be asked about ${title}`, (test) => {
      test.skip(reason);
    });
  }
});
