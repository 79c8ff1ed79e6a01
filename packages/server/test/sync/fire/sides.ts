import { isDeepStrictEqual } from 'node:util';
import { type Arena, type Site } from './arena.ts';
import { readRemote, type RemoteState } from './remote-state.ts';

interface LocalSide {
  readonly name: string;
  readonly roles: readonly {
    readonly slug: string;
    readonly name: string;
    readonly description: string | null;
  }[];
  readonly members: readonly {
    readonly remote_id: string | null;
    readonly workos_user_id: string | null;
    readonly user_id: string | null;
    readonly email: string;
    readonly status: string;
    readonly managed: boolean;
    readonly roles: readonly string[];
  }[];
  readonly environment: readonly string[];
  readonly held: readonly string[];
}

const LOCAL = `SELECT (SELECT name FROM rolecall.organizations WHERE id = $1) AS name,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('slug', slug, 'name', name, 'description', description)
      ORDER BY slug), '[]') FROM rolecall.roles
    WHERE organization_id = $1 AND kind = 'organization' AND deleted_at IS NULL) AS roles,
  (SELECT coalesce(jsonb_agg(slug), '[]') FROM rolecall.roles
    WHERE organization_id = $1 AND deleted_at IS NOT NULL AND slug_held AND kind = 'organization') AS held,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('remote_id', m.workos_membership_id, 'status', m.status,
      'managed', m.directory_managed, 'email', m.email, 'user_id', m.user_id,
      'workos_user_id', u.workos_user_id, 'roles', (
        SELECT coalesce(jsonb_agg(DISTINCT coalesce(g.slug, r.slug) COLLATE "C"), '[]') FROM rolecall.assignments a
          JOIN rolecall.roles r ON r.organization_id = a.organization_id AND r.id = a.role_id
          LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id
          WHERE a.organization_id = m.organization_id AND a.membership_id = m.id
            AND g.deleted_at IS NULL)) ORDER BY m.workos_membership_id), '[]')
    FROM rolecall.memberships m LEFT JOIN rolecall.users u ON u.id = m.user_id
    WHERE m.organization_id = $1 AND m.deleted_at IS NULL) AS members,
  (SELECT coalesce(jsonb_agg(g.slug ORDER BY g.slug), '[]') FROM rolecall.roles r
    JOIN rolecall.global_roles g ON g.id = r.global_role_id
    WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND g.deleted_at IS NULL) AS environment`;

/** Where the database and the state of the simulator differ, read from both directly. */
export async function compareSides(arena: Arena): Promise<readonly string[]> {
  const remote = readRemote(arena.simulator);
  const found: string[] = [];
  for (const site of arena.sites) {
    const [local] = await arena.rows<LocalSide>(LOCAL, site.id);
    if (local !== undefined) found.push(...differences(site, local, remote));
  }
  return found;
}

function differences(site: Site, local: LocalSide, remote: RemoteState): readonly string[] {
  const there = shapeOf(site, remote);
  const here = {
    name: local.name,
    roles: local.roles,
    members: local.members.map(({ remote_id, email, status, managed, roles }) => ({
      id: remote_id ?? 'none',
      email,
      status,
      managed,
      // The roles of somebody who is suspended are nobody's business until they are back.
      roles: status === 'inactive' ? 'suspended' : roles.toSorted(),
    })),
    environment: local.environment,
  };
  const found = (Object.keys(here) as (keyof typeof here)[]).flatMap((key) =>
    isDeepStrictEqual(here[key], there[key])
      ? []
      : [
          `${site.id}: ${key} differ: here ${JSON.stringify(here[key])}, there ${JSON.stringify(there[key])}`,
        ],
  );
  const unreleased = local.held.map((slug) => `${site.id}: a tombstone still holds \`${slug}\``);
  return [...found, ...unreleased, ...namesOfPeople(local, remote)];
}

/** Whoever has an id of our own here is known by it there, unless somebody else's id is there already. */
function namesOfPeople(local: LocalSide, { people }: RemoteState): readonly string[] {
  return local.members.flatMap(({ user_id, workos_user_id }) => {
    const person = people.find(({ id }) => id === workos_user_id);
    if (person === undefined || user_id === null || user_id === person.id) return [];
    if (person.externalId === user_id) return [];
    return [`the person \`${person.id}\` is not known as \`${user_id}\``];
  });
}

function shapeOf(site: Site, { roles, memberships, people, names }: RemoteState) {
  const own = roles
    .filter((role) => role.organizationId === site.remoteId)
    .map(({ slug, name, description }) => ({ slug, name, description }))
    .toSorted((one, other) => (one.slug < other.slug ? -1 : 1));
  const members = memberships
    .filter((one) => one.organizationId === site.remoteId)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map((one) => ({
      id: one.id,
      email: people.find(({ id }) => id === one.userId)?.email,
      status: one.status,
      managed: one.directoryManaged,
      roles: one.status === 'inactive' ? 'suspended' : one.roles,
    }));
  const environment = roles
    .filter((role) => role.organizationId === null)
    .map(({ slug }) => slug)
    .sort();
  return { name: names.get(site.remoteId), roles: own, members, environment };
}
