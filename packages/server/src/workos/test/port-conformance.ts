import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { isWorkosFailure, type WorkosFailureCode } from '../failure.ts';
import { type RemoteEvent, type RemoteOrganization } from '../facts.ts';
import { type WorkosPort } from '../port.ts';
import { type RawApi } from './raw-api.ts';

/** Where the suite runs. */
export interface Place {
  readonly port: WorkosPort;
  readonly raw: RawApi;
  /** A port to the same place with a key that nobody has. */
  readonly strangersPort: WorkosPort;
  /** What this place does not do, by the name of the test, with the reason. */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** How long an event may take to show up. */
  readonly eventDelayMs: number;
  readonly close: () => Promise<void>;
}

/** What a place must do for Rolecall to work with it; leaves nothing behind. */
export function describePort(name: string, open: () => Promise<Place>): void {
  describe(`the port at ${name}`, () => {
    const run = Math.random().toString(36).slice(2, 10);
    let place: Place;
    let port: WorkosPort;
    let organization: RemoteOrganization;
    let environmentRole: string;
    const users: string[] = [];
    const startedAt = new Date(Date.now() - 60_000).toISOString();

    beforeAll(async () => {
      place = await open();
      port = place.port;
      organization = await port.createOrganization({
        name: `Rolecall ${run}`,
        externalId: `rolecall-${run}`,
        metadata: { rolecall: run },
      });
      const [role] = await port.listEnvironmentRoles();
      environmentRole = role?.slug ?? '';
    });
    afterAll(async () => {
      await place.raw.deleteOrganization(organization.remoteId);
      for (const user of users) await place.raw.deleteUser(user);
      await place.close();
    });

    const test = (title: string, body: () => Promise<void>): void => {
      it(title, async (context: TestContext) => {
        const reason = place.exceptions?.[title];
        if (reason !== undefined) context.skip(reason);
        await body();
      });
    };
    const refused = (work: Promise<unknown>, code: WorkosFailureCode): Promise<void> =>
      expect(work).rejects.toSatisfy((error) => isWorkosFailure(error, code), `is \`${code}\``);
    const join = async (role = environmentRole): Promise<{ user: string; membership: string }> => {
      const user = await place.raw.createUser(`${run}.${users.length}@rolecall.example`);
      users.push(user);
      return {
        user,
        membership: await place.raw.createMembership(organization.remoteId, user, role),
      };
    };
    const newRole = (slug: string) =>
      port.createOrganizationRole(organization.remoteId, {
        slug: `org-${slug}-${run}`,
        name: `A ${slug}`,
        description: null,
      });
    const clearRole = async (membership: string, slug: string): Promise<void> => {
      await port.setMembershipRoles(membership, [environmentRole]);
      await port.deleteOrganizationRole(organization.remoteId, slug);
    };

    test('shows the organization it has created', async () => {
      expect(await port.getOrganization(organization.remoteId)).toEqual(organization);
      expect(organization).toMatchObject({
        name: `Rolecall ${run}`,
        externalId: `rolecall-${run}`,
        metadata: { rolecall: run },
      });
    });

    test('finds an organization by its external id, or nothing', async () => {
      const found = await port.findOrganizationByExternalId(`rolecall-${run}`);
      expect(found?.remoteId).toBe(organization.remoteId);
      expect(await port.findOrganizationByExternalId(`nobody-${run}`)).toBeUndefined();
    });

    test('merges metadata key by key and removes what is null', async () => {
      const { remoteId } = organization;
      await port.updateOrganization(remoteId, { metadata: { other: 'kept', rolecall: 'changed' } });
      const { metadata } = await port.updateOrganization(remoteId, {
        metadata: { rolecall: null },
      });
      expect(metadata).toEqual({ other: 'kept' });
    });

    test('changes and clears the external id of an organization', async () => {
      const { remoteId } = organization;
      const set = await port.updateOrganization(remoteId, { externalId: `again-${run}` });
      expect(set.externalId).toBe(`again-${run}`);
      const cleared = await port.updateOrganization(remoteId, { externalId: null });
      expect(cleared.externalId).toBeNull();
    });

    test('lists every organization exactly once, also in small pages', async () => {
      const whole = (await all(port.allOrganizations())).map((one) => one.remoteId);
      expect(whole).toContain(organization.remoteId);
      expect(new Set(whole).size).toBe(whole.length);
      const paged: string[] = [];
      let after: string | null | undefined;
      do {
        const page = await port.listOrganizations({ limit: 1, ...(after && { after }) });
        paged.push(...page.items.map((one) => one.remoteId));
        after = page.next;
      } while (after !== null && paged.length < 20);
      expect(paged).toEqual(whole.slice(0, paged.length));
    });

    test('says that an unknown organization is gone', async () => {
      await refused(port.getOrganization('org_00000000000000000000000000'), 'not_found');
    });

    test('tells roles of the organization from roles of the environment', async () => {
      const made = await newRole('kind');
      const roles = await port.listRoles(organization.remoteId);
      expect(roles).toContainEqual(made);
      expect(made).toMatchObject({ kind: 'organization', description: null });
      const inherited = roles.find((role) => role.slug === environmentRole);
      expect(inherited?.kind).toBe('environment');
      await port.deleteOrganizationRole(organization.remoteId, made.slug);
    });

    test('does not take a role of the environment for one of the organization', async () => {
      await refused(port.getOrganizationRole(organization.remoteId, environmentRole), 'not_found');
    });

    test('renames a role under the same id and slug', async () => {
      const made = await newRole('rename');
      const { remoteId } = organization;
      const change = { name: 'Ünïcödé', description: 'what it is for' };
      expect(await port.updateOrganizationRole(remoteId, made.slug, change)).toMatchObject({
        ...change,
        remoteId: made.remoteId,
        slug: made.slug,
      });
      const cleared = await port.updateOrganizationRole(remoteId, made.slug, { description: null });
      expect(cleared).toMatchObject({ name: 'Ünïcödé', description: null });
      await port.deleteOrganizationRole(remoteId, made.slug);
    });

    test('refuses a slug that is taken', async () => {
      const made = await newRole('twice');
      await refused(newRole('twice'), 'organization_role_slug_conflict');
      await port.deleteOrganizationRole(organization.remoteId, made.slug);
    });

    test('says that a deleted role is gone, and makes another one of its slug', async () => {
      const made = await newRole('again');
      await port.deleteOrganizationRole(organization.remoteId, made.slug);
      await refused(port.getOrganizationRole(organization.remoteId, made.slug), 'not_found');
      await refused(port.deleteOrganizationRole(organization.remoteId, made.slug), 'not_found');
      const again = await newRole('again');
      expect(again.remoteId).not.toBe(made.remoteId);
      await port.deleteOrganizationRole(organization.remoteId, again.slug);
    });

    test('keeps a role that somebody holds', async () => {
      const role = await newRole('held');
      const { membership } = await join();
      await port.setMembershipRoles(membership, [role.slug]);
      await refused(
        port.deleteOrganizationRole(organization.remoteId, role.slug),
        'role_has_assignments',
      );
      await clearRole(membership, role.slug);
    });

    test('replaces the role set of a membership, or says that several are not enabled', async () => {
      const role = await newRole('several');
      const { membership, user } = await join();
      const wanted = [environmentRole, role.slug].sort();
      try {
        const changed = await port.setMembershipRoles(membership, wanted);
        expect(changed).toMatchObject({ roleSlugs: wanted, rolesListed: true, userId: user });
        expect(await port.getMembership(membership)).toMatchObject({ roleSlugs: wanted });
      } catch (error) {
        if (!isWorkosFailure(error, 'multiple_roles_not_enabled')) throw error;
      }
      await clearRole(membership, role.slug);
    });

    test('refuses a role that does not exist', async () => {
      const { membership } = await join();
      await refused(port.setMembershipRoles(membership, [`org-nothing-${run}`]), 'invalid_role');
    });

    test('lists memberships of every status, and those of one when asked to', async () => {
      const { membership } = await join();
      await place.raw.deactivateMembership(membership);
      const filter = { organizationId: organization.remoteId };
      const found = (await all(port.allMemberships(filter))).find(
        (one) => one.remoteId === membership,
      );
      expect(found).toMatchObject({ status: 'inactive', directoryManaged: false });
      const active = await port.listMemberships({ ...filter, statuses: ['active'] });
      expect(active.items.map((one) => one.remoteId)).not.toContain(membership);
    });

    test('finds the membership of a user, with their profile', async () => {
      const { user, membership } = await join();
      const { items } = await port.listMemberships({ userId: user });
      expect(items.map((one) => one.remoteId)).toEqual([membership]);
      expect(items[0]?.user?.email ?? '').toContain('@rolecall.example');
    });

    test('sets and clears the external id of a user, and refuses one that is taken', async () => {
      const [one, other] = [await join(), await join()];
      const set = await port.setUserExternalId(one.user, `user-${run}`);
      expect(set).toMatchObject({ remoteId: one.user, externalId: `user-${run}` });
      await refused(port.setUserExternalId(other.user, `user-${run}`), 'external_id_already_used');
      expect((await port.setUserExternalId(one.user, null)).externalId).toBeNull();
      expect(await port.getUser(one.user)).toMatchObject({ externalId: null });
    });

    test('finds users by email and organization', async () => {
      const { user } = await join();
      const { email } = await port.getUser(user);
      const byEmail = await port.listUsers({ email });
      expect(byEmail.items.map((one) => one.remoteId)).toEqual([user]);
      const byOrganization = await port.listUsers({ organizationId: organization.remoteId });
      expect(byOrganization.items.map((one) => one.remoteId)).toContain(user);
    });

    test('shows the stream of events in order, and goes on after a cursor', async () => {
      const role = await newRole('events');
      const types = ['organization_role.created', 'organization_role.updated'];
      const seen: RemoteEvent[] = [];
      const isThere = () =>
        seen.some((event) => JSON.stringify(event.data).includes(`"${role.slug}"`));
      let cursor: string | null = null;
      let waitedMs = 0;
      while (!isThere() && waitedMs <= place.eventDelayMs) {
        const from = cursor === null ? { since: startedAt } : { after: cursor };
        const page = await port.listEvents({ types, limit: 2, ...from });
        seen.push(...page.events);
        cursor = page.cursor;
        if (!page.more) await sleep(100);
        waitedMs += page.more ? 0 : 100;
      }
      expect(isThere()).toBe(true);
      const ids = seen.map((event) => event.id);
      expect(ids).toEqual([...new Set(ids)].sort());
      await port.deleteOrganizationRole(organization.remoteId, role.slug);
    });

    test('has a mark that stays', async () => {
      const mark = await port.readEnvironmentMark();
      expect(mark.roleIds.length).toBeGreaterThan(0);
      expect(await port.readEnvironmentMark()).toEqual(mark);
    });

    test('refuses a key that nobody has', async () => {
      await refused(place.strangersPort.listEnvironmentRoles(), 'key_refused');
    });
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
