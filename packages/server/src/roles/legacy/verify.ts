import { type Grant, type Policy } from '@rolecall/policy';
import { normalForm } from '@rolecall/policy/compare';
import { type Db, inTransaction, query, type Tx } from '../../database/index.ts';
import {
  countMembers,
  findGrantsByIds,
  findGrantsBySlugs,
  findSlugTargets,
  listLegacyOrganizations,
  type SlugTarget,
} from './verify-store.ts';

/** A role that would decide otherwise, and in what. */
export interface LegacyDifference {
  readonly organizationId: string;
  readonly principal: string;
  /** What it has by both keys and not by its id alone, in normal form; the first few. */
  readonly lost: readonly string[];
  /** What it has by its id and should not have. */
  readonly gained: readonly string[];
}

/** What was compared, and what differs. */
export interface LegacyVerification {
  readonly organizations: number;
  /** Roles with grants keyed by slugs; no other role can differ. */
  readonly roles: number;
  /** Members of the organizations. */
  readonly members: number;
  /** Of these, how many hold a role that differs. */
  readonly differingMembers: number;
  readonly differences: readonly LegacyDifference[];
}

export interface VerifyOptions {
  /** One organization; all that have grants keyed by slugs unless told otherwise. */
  readonly organizationId?: string;
  readonly policy: Policy;
  /** Told after each organization. */
  readonly onProgress?: (done: number, total: number) => void;
}

const ROLES_AT_ONCE = 200;
const SHOWN = 5;

/**
 * Compares what decides before and after: on one side the grants that roles had by their ids without any that
 * was made by bringing over, together with all that is keyed by their slugs; on the other side what they have by
 * their ids alone. Both are put into a normal form that is equal only where every check is decided alike.
 *
 * INVARIANT (equal roles, equal principals): a check of a member is allowed by any allow and denied by any deny that
 * its roles or it itself have. So where every role allows the same and denies the same, every principal does.
 *
 * Each organization is read in one snapshot, so this may run while others write.
 */
export async function verifyLegacy(db: Db, options: VerifyOptions): Promise<LegacyVerification> {
  const ids =
    options.organizationId === undefined
      ? await inTransaction(db, listLegacyOrganizations)
      : [options.organizationId];
  const sum = { organizations: 0, roles: 0, members: 0, differingMembers: 0 };
  const differences: LegacyDifference[] = [];
  for (const organizationId of ids) {
    const found = await inTransaction(db, (tx) => compare(tx, organizationId, options.policy));
    sum.organizations += 1;
    sum.roles += found.roles;
    sum.members += found.members;
    sum.differingMembers += found.differingMembers;
    differences.push(...found.differences);
    options.onProgress?.(sum.organizations, ids.length);
  }
  return { ...sum, differences };
}

async function compare(
  tx: Tx,
  organizationId: string,
  policy: Policy,
): Promise<Omit<LegacyVerification, 'organizations'>> {
  await query(tx, { text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY' });
  const targets = Map.groupBy(await findSlugTargets(tx, organizationId), ({ roleId }) => roleId);
  const roles = [...targets];
  const differing: (LegacyDifference & { readonly roleId: string })[] = [];
  for (let start = 0; start < roles.length; start += ROLES_AT_ONCE) {
    const some = roles.slice(start, start + ROLES_AT_ONCE);
    differing.push(...(await compareRoles(tx, organizationId, { policy, roles: some })));
  }
  const counted = await countMembers(
    tx,
    organizationId,
    differing.map(({ roleId }) => roleId),
  );
  return {
    roles: roles.length,
    members: counted.all,
    differingMembers: counted.holders,
    differences: differing.map(({ principal, lost, gained }) => ({
      organizationId,
      principal,
      lost,
      gained,
    })),
  };
}

async function compareRoles(
  tx: Tx,
  organizationId: string,
  {
    policy,
    roles,
  }: {
    readonly policy: Policy;
    readonly roles: readonly (readonly [string, readonly SlugTarget[]])[];
  },
): Promise<readonly (LegacyDifference & { readonly roleId: string })[]> {
  const slugs = roles.flatMap(([, targets]) => targets.map(({ slug }) => slug));
  const bySlug = await findGrantsBySlugs(tx, organizationId, slugs);
  const byId = await findGrantsByIds(
    tx,
    organizationId,
    roles.map(([id]) => id),
  );
  return roles.flatMap(([roleId, targets]) => {
    const after = byId.get(roleId) ?? [];
    const keyedBySlug = targets.flatMap(({ slug }) => bySlug.get(slug) ?? []);
    const before: readonly Grant[] = [...after.filter(({ made }) => !made), ...keyedBySlug];
    const was = normalForm(policy, before);
    const is = normalForm(policy, after);
    const lost = withoutAny(was, is);
    const gained = withoutAny(is, was);
    if (lost.length + gained.length === 0) return [];
    const [target] = targets;
    return [{ organizationId, roleId, principal: target?.principal ?? '', lost, gained }];
  });
}

function withoutAny(these: readonly string[], those: readonly string[]): readonly string[] {
  const others = new Set(those);
  return these.filter((one) => !others.has(one)).slice(0, SHOWN);
}
