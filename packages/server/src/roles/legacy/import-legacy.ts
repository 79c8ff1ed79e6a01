import { type Tx } from '../../database/index.ts';
import { refusal } from '../../errors/index.ts';
import { lockOrganization, type OrganizationLock } from '../../identity/index.ts';
import { closeCommand } from '../close-command.ts';
import { type CommandContext, type Committed } from '../command.ts';
import {
  findHolders,
  type ForeignGrant,
  insertLegacyGrants,
  insertMemberGrants,
  insertRoleGrants,
} from './import-store.ts';
import { type JudgedRow, judgeRow, type PrincipalGrantRow, type RefusedRow } from './judge-rows.ts';
import { moveLegacyState, readLegacyEnvironment, wrongState } from './state-store.ts';

/** What became of the rows of one organization. */
export interface LegacyImport {
  /** Grants by the slug of a role that were not there yet. */
  readonly bySlug: number;
  /** Grants by the id of a role or of a user that were not there yet. */
  readonly byId: number;
  /** Rows that were left out, and why: allows that mean nothing here, and holders that are not here. */
  readonly leftOut: readonly RefusedRow[];
}

/**
 * Opens an environment that has never had grants keyed by slugs to them. Does nothing where it is open. Throws
 * `legacy_wrong_state` after a cut-over.
 */
export async function openLegacy(tx: Tx, context: CommandContext): Promise<void> {
  const { state } = await readLegacyEnvironment(tx);
  if (state === 'dual') return;
  if (state !== 'unused') throw wrongState(state, 'the old form is not stored any more');
  await moveLegacyState(tx, { from: 'unused', to: 'dual' }, context);
}

/**
 * Stores rows of a table that keeps grants by principal, at most a batch of them. Those of `role:<slug>` are kept
 * as they are; those of a role's id or of a user in the form that they have here. Safe to repeat. An allow that the
 * policy does not know would match nothing and is left out; such a deny refuses the whole, because leaving it out
 * could allow what somebody forbade. Throws `organization_not_found`, `invalid_grant`.
 */
export async function importLegacyRows(
  tx: Tx,
  organizationId: string,
  rows: readonly PrincipalGrantRow[],
  context: CommandContext,
): Promise<Committed<LegacyImport>> {
  const judged = rows.map((row) => judgeRow(context.policy, organizationId, row));
  const lock = await lockOrganization(tx, organizationId);
  const { grants, leftOut } = await sortOut(tx, lock, judged);
  const bySlug = await insertLegacyGrants(tx, lock, grants.slugs);
  const byRole = await insertRoleGrants(tx, lock, grants.roles);
  const byUser = await insertMemberGrants(tx, lock, grants.users);
  const value = { bySlug, byId: byRole + byUser, leftOut };
  const stored = bySlug + byRole + byUser;
  await closeCommand(tx, lock, context, {
    changed: { organization: stored > 0 },
    entries:
      stored === 0
        ? []
        : [
            {
              action: 'legacy.imported',
              subject: `organization:${organizationId}`,
              after: { grants_by_slug: bySlug, grants_by_id: value.byId, left_out: leftOut.length },
            },
          ],
  });
  return { value, revision: lock.revision, epoch: lock.epoch };
}

interface Sorted {
  readonly grants: Readonly<Record<'slugs' | 'roles' | 'users', readonly ForeignGrant[]>>;
  readonly leftOut: readonly RefusedRow[];
}

async function sortOut(
  tx: Tx,
  lock: OrganizationLock,
  rows: readonly (JudgedRow | RefusedRow)[],
): Promise<Sorted> {
  const refused = rows.filter((row) => 'message' in row);
  requireNoDeny(refused);
  const valid = rows.filter((row) => 'grants' in row);
  const holders = await findHolders(tx, lock, {
    roleIds: valid.flatMap(({ principal }) => (principal.type === 'role' ? [principal.id] : [])),
    userIds: valid.flatMap(({ principal }) => (principal.type === 'user' ? [principal.id] : [])),
  });
  const grants = {
    slugs: new Array<ForeignGrant>(),
    roles: new Array<ForeignGrant>(),
    users: new Array<ForeignGrant>(),
  };
  const leftOut: RefusedRow[] = [...refused];
  for (const { urn, principal, grants: held } of valid) {
    const effect = held[0]?.effect ?? 'allow';
    if (principal.type === 'legacy_role') {
      grants.slugs.push(...held.map((grant) => ({ holder: principal.slug, grant })));
    } else if (holders.has(urn)) {
      const list = principal.type === 'role' ? grants.roles : grants.users;
      list.push(...held.map((grant) => ({ holder: principal.id, grant })));
    } else {
      leftOut.push({ urn, effect, message: `\`${urn}\` is not in the organization` });
    }
  }
  return { grants, leftOut };
}

function requireNoDeny(refused: readonly RefusedRow[]): void {
  const denies = refused.filter(({ effect }) => effect !== 'allow');
  const [first] = denies;
  if (first === undefined) return;
  throw refusal('invalid_grant', `a deny of \`${first.urn}\` cannot be stored: ${first.message}`, {
    problems: denies.map(({ urn, message }) => ({ path: urn, message })),
  });
}
