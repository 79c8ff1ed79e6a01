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
  const items = [systemRoles(facts), usableAdmin(facts), membersHaveRoles(facts)];
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
    advice: 'restore the role where it was deleted, then try again',
  };
}

function usableAdmin({ usableAdmin: passed }: PreflightFacts): PreflightItem {
  return {
    name: 'usable_admin',
    passed,
    message: passed
      ? 'an active member holds `admin`'
      : 'no active member with a known user holds `admin`',
    advice: 'give `admin` to an active member',
  };
}

function membersHaveRoles({ memberWithoutRole }: PreflightFacts): PreflightItem {
  const passed = memberWithoutRole === null;
  return {
    name: 'members_have_roles',
    passed,
    message: passed ? 'every member holds a role' : `\`${memberWithoutRole}\` holds no role`,
    advice: 'give every member a role; `member` is the least',
  };
}
