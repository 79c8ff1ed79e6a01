import { type Tx } from '../database/index.ts';
import { lockAndRead } from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { type DirectGrant, type DirectGrants, grantShape } from './direct-grant.ts';
import { insertDirectGrants } from './direct-grants-store.ts';
import { changedPrincipal, findHolder, readDirectGrants, requireHolder } from './grant-holder.ts';

/**
 * Gives grants to a member or an API key of the organization. What it holds already stays as it is. The
 * value is all that was named, as it is held now. Throws `invalid_principal`, `invalid_grant`,
 * `invalid_selector`, `limit_exceeded`, `member_not_found`, `api_key_not_found`.
 */
export async function createGrants(
  tx: Tx,
  organizationId: string,
  args: DirectGrants,
  context: CommandContext,
): Promise<Committed<readonly DirectGrant[]>> {
  const { principal, grants } = readDirectGrants(context.policy, organizationId, args);
  const [lock, found] = await lockAndRead(tx, organizationId, () =>
    findHolder(tx, organizationId, principal),
  );
  const holder = requireHolder(principal, found);
  const held = await insertDirectGrants(tx, lock, holder, grants);
  const fresh = held.filter((grant) => grant.fresh).map(withoutFreshness);
  await closeCommand(tx, lock, context, {
    changed: fresh.length > 0 ? changedPrincipal(args.principal) : {},
    entries:
      fresh.length > 0
        ? [{ action: 'grants.created', subject: args.principal, after: fresh.map(grantShape) }]
        : [],
  });
  return committed(lock, held.map(withoutFreshness));
}

function withoutFreshness(grant: DirectGrant): DirectGrant {
  const { id, principal, scope, effect, selector, createdAt } = grant;
  return { id, principal, scope, effect, selector, createdAt };
}
