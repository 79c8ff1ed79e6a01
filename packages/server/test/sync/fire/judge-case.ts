import { type Arena, type Site } from './arena.ts';
import { type History } from './history.ts';

/** An entry of an organization's history. */
export interface AuditRow {
  readonly revision: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: Shape | null;
  readonly after: Shape | null;
}

interface Shape {
  readonly description?: string | null;
  readonly role_ids?: readonly string[];
  readonly member?: { readonly role_ids: readonly string[] };
}

interface RoleRow {
  readonly id: string;
  readonly slug: string;
  readonly over: boolean;
}

/** What the history of one organization is judged by. */
export interface Case {
  readonly history: History;
  readonly site: Site;
  readonly rows: readonly AuditRow[];
  readonly roles: ReadonlyMap<string, RoleRow>;
  /** The WorkOS ids of each user here. */
  readonly remoteUsers: ReadonlyMap<string, string>;
  readonly mode: 'adopt' | 'enforce';
  /** Users whose roles a person or a directory has decided about in a way that outweighs what is here. */
  readonly excused: ReadonlySet<string>;
}

/** Everything about one organization, as it is at the end. */
export async function caseOf(arena: Arena, site: Site): Promise<Case> {
  const rows = await arena.rows<AuditRow>(
    `SELECT revision::integer, actor, action, subject, before, after FROM rolecall.audit_events
       WHERE organization_id = $1 ORDER BY sequence`,
    site.id,
  );
  const roles = await arena.rows<RoleRow>(
    `SELECT r.id, coalesce(g.slug, r.slug) AS slug,
         r.deleted_at IS NOT NULL OR g.deleted_at IS NOT NULL AS over FROM rolecall.roles r
       LEFT JOIN rolecall.global_roles g ON g.id = r.global_role_id WHERE r.organization_id = $1`,
    site.id,
  );
  const users = await arena.rows<{ readonly id: string; readonly remote: string }>(
    `SELECT id, workos_user_id AS remote FROM rolecall.users WHERE workos_user_id IS NOT NULL`,
  );
  const memberships = await arena.rows<{ readonly id: string; readonly user_id: string }>(
    'SELECT id, user_id FROM rolecall.memberships WHERE organization_id = $1',
    site.id,
  );
  const managed = new Set(
    [...arena.history.events.values()]
      .filter(({ data }) => data['directory_managed'] === true)
      .map(({ data }) => data['user_id']),
  );
  const excused = [
    ...memberships.filter(({ id }) => arena.history.chosen.has(id)).map(({ user_id }) => user_id),
    ...users.filter(({ remote }) => managed.has(remote)).map(({ id }) => id),
  ];
  return {
    excused: new Set(excused.map((id) => `user:${id}`)),
    history: arena.history,
    site,
    rows,
    roles: new Map(roles.map((role) => [role.id, role])),
    remoteUsers: new Map(users.map(({ id, remote }) => [`user:${id}`, remote])),
    mode: arena.schedule.beginnings.mode,
  };
}

/** The id of a role, from the subject of an entry about it. */
export function roleIdOf(subject: string): string {
  return subject.slice(subject.lastIndexOf(':') + 1);
}
