import { type Act } from './history.ts';
import { type AuditRow, type Case, roleIdOf } from './judge-case.ts';

/** Role sets: what WorkOS is said to have given or taken was given or taken there, after what it undoes. */
export function judgeSets(one: Case): readonly string[] {
  /** When a command has taken which role from whom. */
  const revoked = new Map<string, number>();
  const givingWay = standInsGivingWay(one);
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
      ...lost.flatMap((id) => judgeLoss(one, row, { id, standIn: givingWay.has(row) })),
    ];
  });
}

/**
 * The entries in which a `member` that stood in gives way to the roles that it stands for: somebody came with roles
 * of which none could be taken in, nobody gave them `member` in WorkOS, and no command has said since what they hold.
 */
function standInsGivingWay(one: Case): ReadonlySet<AuditRow> {
  const standIns = new Set<string>();
  const found = new Set<AuditRow>();
  for (const row of one.rows) {
    const { actor, action, subject } = row;
    if (isStandIn(one, row)) standIns.add(subject);
    if (action !== 'member.roles_changed' && action !== 'member.removed') continue;
    if (standIns.delete(subject) && actor === 'workos') found.add(row);
  }
  return found;
}

function isStandIn(one: Case, { actor, action, subject, after }: AuditRow): boolean {
  if (actor !== 'workos' || action !== 'member.added') return false;
  const [first, ...others] = after?.role_ids ?? [];
  if (others.length > 0 || one.roles.get(first ?? '')?.slug !== 'member') return false;
  return !actsOf(one, subject).some(({ added }) => added.includes('member'));
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

function judgeLoss(
  one: Case,
  { subject, revision }: AuditRow,
  { id, standIn }: { readonly id: string; readonly standIn: boolean },
): readonly string[] {
  const role = one.roles.get(id);
  const slug = role?.slug ?? '';
  // Members of a role of the environment that was deleted lose it by and by, and nobody does that.
  const retired = one.history.roleActs.some(
    (act) => act.organizationId === '' && act.did === 'deleted' && act.slug === slug,
  );
  if (role?.over === true || retired) return [];
  if (standIn && slug === 'member') return [];
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
