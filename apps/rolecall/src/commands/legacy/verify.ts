import type { Outcome, Session } from '../../session/index.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count, createProgress, printable } from '../../output/index.ts';
import { withLegacy } from './with-legacy.ts';

/** `rolecall legacy verify` */
export async function verify(
  session: Session,
  _args: readonly [],
  { org }: { readonly org?: string },
): Promise<Outcome> {
  const { output } = session;
  const { style } = output;
  const found = await withLegacy(session, async (legacy) => {
    const progress = await createProgress(output, { doing: 'Comparing organizations', total: 100 });
    try {
      return await legacy.verify({
        ...(org !== undefined && { organizationId: org }),
        onProgress: (done, total) => {
          progress.advance((100 * done) / total);
        },
      });
    } finally {
      progress.stop();
    }
  });
  const same = found.differences.length === 0;
  const json = {
    same,
    organizations: found.organizations,
    roles: found.roles,
    members: found.members,
    differing_members: found.differingMembers,
    differences: found.differences.map(({ organizationId, ...rest }) => ({
      organization_id: organizationId,
      ...rest,
    })),
  };
  output.answer(json, () => {
    const scope = `${count(found.roles, 'role')} and ${count(found.members, 'member')} of ${count(found.organizations, 'organization')}`;
    if (same) return `${style.good('✓')} ${scope} decide the same before and after`;
    return [
      `${style.bad('✗')} of ${scope}, ${count(found.differences.length, 'role')} and ${count(found.differingMembers, 'member')} would decide otherwise`,
      ...found.differences
        .slice(0, 20)
        .flatMap(({ organizationId, principal, lost, gained }) => [
          `  ${printable(organizationId)}  ${principal}`,
          ...lost.map((form) => style.dim(`    would lose ${printable(form)}`)),
          ...gained.map((form) => style.dim(`    would gain ${printable(form)}`)),
        ]),
    ].join('\n');
  });
  return same ? exitCodes.done : exitCodes.refused;
}
