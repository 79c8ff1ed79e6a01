import { type Arena, type Site } from './arena.ts';
import { type History } from './history.ts';
import { type Case, caseOf, roleIdOf } from './judge-case.ts';
import { judgeSets } from './judge-sets.ts';

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
