import { type Grant, grantKey } from '@rolecall/policy';
import { type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import { lockAndRead, lockOrganization } from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { type DirectGrant, type DirectGrants, grantShape } from './direct-grant.ts';
import { deleteDirectGrant, deleteDirectGrants } from './direct-grants-store.ts';
import { changedPrincipal, findHolder, readDirectGrants, requireHolder } from './grant-holder.ts';

/**
 * Takes exactly the named grants from a member or an API key, all of them or none. The value is what was
 * taken. Throws like `createGrants`, and `grant_not_found` for what it does not hold.
 */
export async function deleteGrants(
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
  const taken = await deleteDirectGrants(tx, lock, holder, grants);
  requireAll(args.principal, grants, taken);
  await closeCommand(tx, lock, context, {
    changed: taken.length > 0 ? changedPrincipal(args.principal) : {},
    entries:
      taken.length > 0
        ? [{ action: 'grants.deleted', subject: args.principal, before: taken.map(grantShape) }]
        : [],
  });
  return committed(lock, taken);
}

/** Takes one direct grant, by its id, from whoever holds it. Throws `grant_not_found`. */
export async function deleteGrant(
  tx: Tx,
  organizationId: string,
  { grantId }: { readonly grantId: string },
  context: CommandContext,
): Promise<Committed<DirectGrant>> {
  const lock = await lockOrganization(tx, organizationId);
  const value = isGrantId(grantId) ? await deleteDirectGrant(tx, lock, grantId) : undefined;
  if (value === undefined) {
    throw refusal('grant_not_found', `there is no direct grant \`${grantId}\``, { grantId });
  }
  await closeCommand(tx, lock, context, {
    changed: changedPrincipal(value.principal),
    entries: [{ action: 'grants.deleted', subject: value.principal, before: [grantShape(value)] }],
  });
  return committed(lock, value);
}

/** Throws `grant_not_found`, with the first that is missing. */
function requireAll(
  principal: string,
  wanted: readonly Grant[],
  taken: readonly DirectGrant[],
): void {
  const keys = new Set(taken.map(grantKey));
  const missing = wanted.find((grant) => !keys.has(grantKey(grant)));
  if (missing === undefined) return;
  const { scope, selector } = missing;
  const message = `\`${principal}\` does not directly hold \`${scope}\` for \`${selector.resource_id}\``;
  throw refusal('grant_not_found', message, { scope, selector });
}

/** Ids are positive 64-bit numbers. */
function isGrantId(id: string): boolean {
  return /^[1-9][0-9]{0,17}$/.test(id);
}
