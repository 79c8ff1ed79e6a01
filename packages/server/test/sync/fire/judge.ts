import { type Arena, type Site } from './arena.ts';
import { type Act, type History } from './history.ts';

interface AuditRow {
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
interface Case {
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

/**
 * Whether what was acknowledged and what was done is all there, or superseded by a later change on record. Every
 * entry that the history attributes to WorkOS must go back to what a person or a directory did there, and must
 * be later than what it takes away.
 */
export async function judge(arena: Arena): Promise<readonly string[]> {
  arena.history.collect();
  const found: string[] = [];
  const twice = await arena.rows<{ readonly event_id: string }>(
    'SELECT event_id FROM fire.ingested GROUP BY 1 HAVING count(*) > 1',
  );
  found.push(...twice.map(({ event_id }) => `the event \`${event_id}\` was applied twice`));
  for (const site of arena.sites) {
    const one = await caseOf(arena, site);
    found.push(...judgeFields(one), ...judgeEnds(one), ...judgeSets(one));
    found.push(...(await judgeRecord(arena, one)));
  }
  const echoes = await arena.rows(
    `SELECT FROM rolecall.sync_inbox WHERE data ->> 'description' LIKE 'C%' LIMIT 1`,
  );
  if (echoes.length > 0) arena.reached('I4');
  if ((arena.simulator.faults.struck()['drift'] ?? 0) > 0) arena.reached('I26');
  return found;
}

async function caseOf(arena: Arena, site: Site): Promise<Case> {
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

/** Names and descriptions: no echo is ever taken for somebody's will, and nothing older beats what is newer. */
function judgeFields({ rows, history, site, mode }: Case): readonly string[] {
  return rows.flatMap(({ actor, action, subject, before, after }) => {
    if (actor !== 'workos' || action !== 'role.updated') return [];
    if (history.chosen.has(roleIdOf(subject))) return [];
    const [from, to] = [before?.description ?? '', after?.description ?? ''];
    if (from === to) return [];
    if (mode === 'enforce') return [`\`${to}\` of \`${subject}\` was adopted under enforce`];
    if (!/^[DS]/.test(to)) return [`\`${to}\` of \`${subject}\` was adopted: it is our own`];
    const arrived = timeOfDescription(history, site, from);
    const theirs = timeOfDescription(history, site, to);
    if (!from.startsWith('C') || (arrived !== undefined && arrived < (theirs ?? 0))) return [];
    return [
      `\`${from}\` of \`${subject}\` gave way to \`${to}\`, which was written before it arrived`,
    ];
  });
}

function timeOfDescription(history: History, site: Site, text: string): number | undefined {
  const times = [...history.events.values()]
    .filter(({ data }) => data['description'] === text && data['organization_id'] === site.remoteId)
    .map(({ time }) => time);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** A role ends by WorkOS only when somebody deleted it there, and no edit is lost by it. */
function judgeEnds({ rows, history, site, roles }: Case): readonly string[] {
  return rows.flatMap(({ actor, action, subject }, index) => {
    if (actor !== 'workos' || action !== 'role.deleted') return [];
    if (!subject.startsWith('role:organization:')) return [];
    const id = roleIdOf(subject);
    if (history.chosen.has(id)) return [];
    const slug = roles.get(id)?.slug;
    const ends = history.roleActs.filter(
      (act) => act.did === 'deleted' && act.organizationId === site.remoteId && act.slug === slug,
    );
    const edit = rows
      .slice(0, index)
      .findLast(
        (row) => row.subject === subject && row.actor !== 'workos' && row.action !== 'role.deleted',
      );
    const edited = edit && history.timeOf(site.id, edit.revision);
    if (ends.some(({ time }) => time > (edited ?? 0))) return [];
    return [`the role \`${slug ?? id}\` was buried although nobody deleted it after its last edit`];
  });
}

/** Role sets: what WorkOS is said to have given or taken was given or taken there, after what it undoes. */
function judgeSets(one: Case): readonly string[] {
  /** When a command has taken which role from whom. */
  const revoked = new Map<string, number>();
  return one.rows.flatMap((row) => {
    const { actor, action, subject } = row;
    if (action === 'member.removed') {
      for (const key of revoked.keys()) if (key.startsWith(`${subject} `)) revoked.delete(key);
      return judgeRemoval(one, { actor, subject });
    }
    if (action !== 'member.roles_changed' || one.excused.has(subject)) return [];
    const [had, has] = [row.before?.role_ids ?? [], row.after?.role_ids ?? []];
    const gained = has.filter((id) => !had.includes(id));
    const lost = had.filter((id) => !has.includes(id));
    if (actor !== 'workos') {
      const time = one.history.timeOf(one.site.id, row.revision);
      for (const id of gained) revoked.delete(`${subject} ${id}`);
      for (const id of lost) if (time !== undefined) revoked.set(`${subject} ${id}`, time);
      return [];
    }
    const alone = has.length === 1;
    return [
      ...gained.flatMap((id) => judgeGain(one, row, { id, alone, revoked })),
      ...lost.flatMap((id) => judgeLoss(one, row, id)),
    ];
  });
}

interface Gain {
  readonly id: string;
  /** Whether it is the only role: the one that everybody has who has no other. */
  readonly alone: boolean;
  readonly revoked: Map<string, number>;
}

function judgeGain(
  one: Case,
  { subject, revision }: AuditRow,
  { id, alone, revoked }: Gain,
): readonly string[] {
  const slug = one.roles.get(id)?.slug ?? '';
  const since = revoked.get(`${subject} ${id}`);
  revoked.delete(`${subject} ${id}`);
  if (alone && slug === 'member') return [];
  const acts = actsOf(one, subject);
  if (acts.some(({ added, time }) => added.includes(slug) && time > (since ?? 0))) return [];
  if (since === undefined && isHeir(one, subject, id)) return [];
  const why = since === undefined ? 'nobody gave it' : 'a revocation was undone';
  return [`\`${subject}\` got \`${slug}\` from WorkOS at revision ${revision}: ${why}`];
}

/**
 * A set that was on its way to WorkOS names its roles by slug. When somebody makes a role anew there meanwhile, it
 * gives the new one to whoever held the old one here. That is taken over: the new role comes without any grant.
 */
function isHeir({ rows, roles }: Case, subject: string, id: string): boolean {
  const made = rows.findIndex(
    (row) =>
      row.action === 'role.created' && row.actor === 'workos' && roleIdOf(row.subject) === id,
  );
  const slug = roles.get(id)?.slug;
  return rows
    .slice(0, Math.max(0, made))
    .some(
      (row) =>
        row.subject === subject &&
        row.after?.role_ids?.some((held) => held !== id && roles.get(held)?.slug === slug),
    );
}

function judgeLoss(one: Case, { subject, revision }: AuditRow, id: string): readonly string[] {
  const role = one.roles.get(id);
  const slug = role?.slug ?? '';
  // Members of a role of the environment that was deleted lose it by and by, and nobody does that.
  const retired = one.history.roleActs.some(
    (act) => act.organizationId === '' && act.did === 'deleted' && act.slug === slug,
  );
  if (role?.over === true || retired) return [];
  if (actsOf(one, subject).some(({ removed }) => removed.includes(slug))) return [];
  return [`\`${subject}\` lost \`${slug}\` by WorkOS at revision ${revision}: nobody took it`];
}

function judgeRemoval(
  one: Case,
  { actor, subject }: { readonly actor: string; readonly subject: string },
): readonly string[] {
  if (actor !== 'workos' || !one.remoteUsers.has(subject)) return [];
  const ended = actsOf(one, subject).some(({ status }) => status === null);
  return ended ? [] : [`\`${subject}\` was removed although nobody removed them in WorkOS`];
}

function actsOf({ history, site, remoteUsers }: Case, subject: string): readonly Act[] {
  const remoteUser = remoteUsers.get(subject);
  return history.acts.filter(
    (act) => act.organizationId === site.remoteId && act.userId === remoteUser,
  );
}

/**
 * What is held is what the history says last, so that every change that was acknowledged is either there or
 * was followed by another one on record.
 */
async function judgeRecord(arena: Arena, { rows, site }: Case): Promise<readonly string[]> {
  const told = new Map<string, string>();
  for (const { action, subject, after } of rows) {
    if (action === 'member.removed' || action === 'role.deleted') told.delete(subject);
    else if (after?.role_ids !== undefined) told.set(subject, after.role_ids.toSorted().join());
    else if (after?.description !== undefined) told.set(subject, after.description ?? '');
  }
  const held = await arena.rows<{ readonly subject: string; readonly holds: string }>(
    `SELECT 'user:' || m.user_id AS subject, (SELECT coalesce(string_agg(a.role_id::text, ',' ORDER BY a.role_id::text), '')
         FROM rolecall.assignments a
         WHERE a.organization_id = m.organization_id AND a.membership_id = m.id) AS holds
       FROM rolecall.memberships m
       WHERE m.organization_id = $1 AND m.deleted_at IS NULL AND m.user_id IS NOT NULL
     UNION ALL SELECT 'role:organization:' || r.id, coalesce(r.description, '') FROM rolecall.roles r
       WHERE r.organization_id = $1 AND r.kind = 'organization' AND r.deleted_at IS NULL`,
    site.id,
  );
  return held
    .filter(({ subject, holds }) => told.get(subject) !== holds)
    .map(({ subject, holds }) => {
      const says = told.get(subject) ?? 'nothing';
      return `\`${subject}\` has \`${holds}\`, and the history says \`${says}\``;
    });
}

function roleIdOf(subject: string): string {
  return subject.slice(subject.lastIndexOf(':') + 1);
}
