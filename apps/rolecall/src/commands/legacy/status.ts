import type { Legacy } from '@rolecall/server';
import type { Session } from '../../session/index.ts';
import { count, type Output, printable } from '../../output/index.ts';
import { withLegacy } from './with-legacy.ts';

type Status = Awaited<ReturnType<Legacy['status']>>;

const SHOWN = 20;

/** `rolecall legacy status` */
export async function showStatus(session: Session): Promise<undefined> {
  const status = await withLegacy(session, (legacy) => legacy.status());
  session.output.answer(statusJson(status), () => statusText(status, session.output));
  return undefined;
}

/** A status as scripts get it. */
export function statusJson(status: Status): object {
  return {
    state: status.state,
    since: status.since,
    left: status.left,
    unmapped: status.unmapped,
    brought_over: status.broughtOver,
    unmapped_slugs: status.unmappedSlugs.map(({ organizationId, slug, reason, grants }) => ({
      organization_id: organizationId,
      slug,
      reason,
      grants,
    })),
  };
}

/** A status as people read it. */
export function statusText(status: Status, { style }: Output): string {
  const lines = [
    style.bold(inWords[status.state]),
    `  ${count(status.left, 'grant')} to bring over`,
    `  ${count(status.broughtOver, 'grant')} brought over`,
  ];
  if (status.unmapped > 0) {
    lines.push(`  ${style.warning(count(status.unmapped, 'grant'))} that cannot be mapped:`);
    for (const { organizationId, slug, reason, grants } of status.unmappedSlugs.slice(0, SHOWN)) {
      const why = reasons[reason];
      lines.push(
        `    ${printable(organizationId)}  role:${printable(slug)}  ${count(grants, 'grant')}  ${style.dim(why)}`,
      );
    }
    const more = status.unmappedSlugs.length - SHOWN;
    if (more > 0) lines.push(style.dim(`    and ${more} slugs more; --json names them`));
    lines.push(style.dim('    decide about each with: rolecall legacy settle <org> <slug>'));
  }
  return lines.join('\n');
}

const inWords: Readonly<Record<Status['state'], string>> = {
  unused: 'unused: nothing is keyed by slugs',
  dual: 'dual: both keys are read',
  cut_over: 'cut over: one key is read; the way back is open',
  purged: 'purged: one key is read, for good',
};

const reasons: Readonly<Record<Status['unmappedSlugs'][number]['reason'], string>> = {
  unknown_slug: 'no role has ever had this slug',
  deleted_role: 'the role of this slug is deleted',
  ambiguous: 'more than one role has had this slug',
};
