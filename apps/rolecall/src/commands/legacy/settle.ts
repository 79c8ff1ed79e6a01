import type { Session } from '../../session/index.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count } from '../../output/index.ts';
import { withLegacy } from './with-legacy.ts';

/** `rolecall legacy settle` */
export async function settle(
  session: Session,
  [org, slug]: readonly [string, string],
  { role, delete: toDelete = false }: { readonly role?: string; readonly delete?: boolean },
): Promise<undefined> {
  if (role === undefined && !toDelete) {
    throw new CliError(exitCodes.usage, 'usage', 'say what is to become of the grants', {
      advice: 'give them to a role with --role <id>, or delete them with --delete',
    });
  }
  const { value } = await withLegacy(session, (legacy) =>
    legacy.settle(org, { slug, roleId: role ?? null }),
  );
  const { output } = session;
  output.answer({ grants: value, role_id: role ?? null }, () => {
    const done = role === undefined ? 'deleted' : `given to ${role}`;
    return `${output.style.good('✓')} ${count(value, 'grant')} ${done}`;
  });
  return undefined;
}
