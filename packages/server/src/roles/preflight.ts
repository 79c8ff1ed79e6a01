import { type SyncTroubles } from '../outbox/index.ts';
import { type PreflightFacts } from './preflight-store.ts';

/** One thing that must hold before enforcement is turned on. */
export interface PreflightItem {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string;
  readonly advice: string;
}

/** Whether enforcement may be turned on, and what speaks for and against it. */
export interface Preflight {
  readonly ready: boolean;
  readonly items: readonly PreflightItem[];
}

/** What the facts mean for turning enforcement on: without any of these, somebody would be locked out. */
export function judgePreflight(facts: PreflightFacts): Preflight {
  const items = [
    systemRoles(facts),
    usableAdmin(facts),
    membersHaveRoles(facts),
    noUnmappedGrants(facts),
    syncHealthy(facts),
  ];
  return { ready: items.every((item) => item.passed), items };
}

function systemRoles({ adminRole, memberRole }: PreflightFacts): PreflightItem {
  const missing = [...(adminRole ? [] : ['`admin`']), ...(memberRole ? [] : ['`member`'])];
  const passed = missing.length === 0;
  return {
    name: 'system_roles',
    passed,
    message: passed
      ? 'the organization has the roles `admin` and `member`'
      : `the organization has no role ${missing.join(' and ')}`,
    advice: 'restore the role where it was deleted, or turn enforcement on with `bootstrap`',
  };
}

function usableAdmin({ usableAdmin: passed }: PreflightFacts): PreflightItem {
  return {
    name: 'usable_admin',
    passed,
    message: passed
      ? 'an active member holds `admin`'
      : 'no active member with a known user holds `admin`, or WorkOS does not know them',
    advice: 'give `admin` to an active member, who is linked where the organization is',
  };
}

function membersHaveRoles({ memberWithoutRole }: PreflightFacts): PreflightItem {
  const passed = memberWithoutRole === null;
  return {
    name: 'members_have_roles',
    passed,
    message: passed ? 'every member holds a role' : `\`${memberWithoutRole}\` holds no role`,
    advice: 'give every member a role, or turn enforcement on with `bootstrap`',
  };
}

function noUnmappedGrants({ unmappedSlugs }: PreflightFacts): PreflightItem {
  const passed = unmappedSlugs.length === 0;
  const named = unmappedSlugs.map((slug) => `\`${slug}\``).join(', ');
  return {
    name: 'no_unmapped_grants',
    passed,
    message: passed
      ? 'no grant is keyed by a slug that names no role'
      : `grants are keyed by ${named}, which names no role`,
    advice: 'see `legacy status`, and say which role each slug means, or let its grants go',
  };
}

/** Longer than any hiccup; what waits longer needs somebody who looks. */
const PENDING_TOO_LONG_MS = 10 * 60_000;

function syncHealthy({ sync }: PreflightFacts): PreflightItem {
  const trouble = sync && troubleOf(sync);
  const linked = sync === undefined ? 'the organization is not linked to WorkOS' : undefined;
  return {
    name: 'sync_healthy',
    passed: trouble === undefined,
    message: linked ?? trouble ?? 'both sides are equal, or about to be',
    advice: 'see what `sync status` and `sync drift` say of the organization',
  };
}

function troubleOf(sync: SyncTroubles): string | undefined {
  const { compared, open, stopped, oldestPendingMs } = sync;
  if (!compared) return 'the organization was not compared with WorkOS since it was linked';
  if (stopped) return 'a mass removal was stopped and waits for a decision';
  if (open > 0) return `\`${open}\` things wait for a decision before they can be made equal`;
  if (oldestPendingMs !== null && oldestPendingMs > PENDING_TOO_LONG_MS) {
    return 'a change waits to reach WorkOS for longer than ten minutes';
  }
  return undefined;
}
