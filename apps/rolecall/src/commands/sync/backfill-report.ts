import type { BackfillPlan } from '@rolecall/server';
import { count, type Output, printable } from '../../output/index.ts';

/** What a backfill has found, and done where it was told to. */
export interface Backfilled {
  readonly applied: boolean;
  readonly plans: readonly BackfillPlan[];
  /** Linked organizations, by their ids here, that WorkOS did not list. */
  readonly missing: readonly string[];
}

/** Whether there is anything to do about an organization, or was. */
export function hasWork({ organizationId, roles, memberships }: BackfillPlan): boolean {
  return organizationId === null || roles.differing + memberships.differing > 0;
}

/** As scripts read it. */
export function backfillJson({ applied, plans, missing }: Backfilled): unknown {
  return {
    applied,
    organizations: plans.map(({ workosId, organizationId, name, roles, memberships }) => ({
      workos_id: workosId,
      organization_id: organizationId,
      name,
      roles,
      memberships,
    })),
    not_in_workos: missing,
  };
}

/** As a person reads it: a line for each organization with something to do, and a sum. */
export function renderBackfill({ applied, plans, missing }: Backfilled, output: Output): string {
  const { style } = output;
  const busy = plans.filter(hasWork);
  const lines = busy.map((plan) => {
    const { roles, memberships, organizationId } = plan;
    const name = `${printable(plan.name)} (${printable(organizationId ?? plan.workosId)})`;
    const amounts = `${count(roles.differing, 'role')}, ${count(memberships.differing, 'membership')}`;
    if (applied) return `${style.good('✓')} ${name}: ${amounts} differed and were compared`;
    return organizationId === null
      ? `${style.warning('+')} ${name}: not here yet, with ${amounts}`
      : `${style.warning('!')} ${name}: ${amounts} differ`;
  });
  const gone = missing.map((id) => `${style.bad('✗')} ${printable(id)}: WorkOS does not list it`);
  const compared = count(plans.length, 'organization');
  const end =
    busy.length === 0
      ? `${compared} compared, all equal`
      : `${compared} compared, ${busy.length} differing`;
  const hint = busy.length === 0 ? [] : [style.dim(applied ? WHAT_WAITS : HOW_TO_APPLY)];
  return [...lines, ...gone, end, ...hint].join('\n');
}

const WHAT_WAITS = 'what waits for a person is in `rolecall sync entities`';
const HOW_TO_APPLY = 'take it in with --apply; what is new here starts with enforcement off';
