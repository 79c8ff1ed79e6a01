import { type Explanation, type Grant } from '@rolecall/policy';
import { type Access, type PrincipalHandle } from '../access/index.ts';
import { type Reader } from '../database/index.ts';
import { hasCode } from '../errors/index.ts';
import { type Page, type PageRequest } from '../paging/index.ts';
import { type DecisionFilter, type DecisionGroup } from './decisions-store.ts';
import { listDecisions } from './list-decisions.ts';

/** Something that `shadow` let pass and `enforced` would have denied, and what it would take to allow it. */
export interface ShadowedDecision extends DecisionGroup {
  /** What `enforced` would answer today; `invalid` when the policy no longer knows the question. */
  readonly now: 'denied' | 'allowed' | 'invalid';
  /** The smallest grant that would change the answer; absent when no grant would, or none is needed. */
  readonly missing?: Grant;
  readonly advice: string;
}

/**
 * One page of who would have been denied what, how often, and the smallest change that would allow it, as things
 * are now. Throws `organization_not_found`, `invalid_request`.
 */
export async function reportShadow(
  reader: Reader,
  access: Access,
  organizationId: string,
  page: PageRequest & Omit<DecisionFilter, 'outcome'>,
): Promise<Page<ShadowedDecision>> {
  const listed = await listDecisions(reader, organizationId, { ...page, outcome: 'would_deny' });
  const handles = new Map<string, PrincipalHandle | undefined>();
  const data: ShadowedDecision[] = [];
  for (const group of listed.data) {
    const { principal } = group;
    if (!handles.has(principal)) {
      handles.set(principal, await resolve(access, organizationId, principal));
    }
    data.push(judge(group, handles.get(principal)));
  }
  return { ...listed, data };
}

async function resolve(
  access: Access,
  organizationId: string,
  principal: string,
): Promise<PrincipalHandle | undefined> {
  try {
    return await access.principal(organizationId, principal, { consistency: { mode: 'strong' } });
  } catch (error) {
    if (hasCode(error, 'invalid_principal')) return undefined;
    throw error;
  }
}

function judge(group: DecisionGroup, handle: PrincipalHandle | undefined): ShadowedDecision {
  const explained = handle && explainAgain(group, handle);
  if (explained === undefined) {
    return { ...group, now: 'invalid', advice: 'nothing: it is no question any more' };
  }
  const { decision, missing } = explained;
  const { allowed } = decision.enforced ?? decision;
  return {
    ...group,
    now: allowed ? 'allowed' : 'denied',
    ...(missing !== undefined && { missing }),
    advice: allowed ? 'nothing: it is allowed by now' : adviceOf(group, explained),
  };
}

function explainAgain(
  { scope, resourceId, dimensions }: DecisionGroup,
  handle: PrincipalHandle,
): Explanation | undefined {
  try {
    return handle.explain({ scope, resource_id: resourceId, dimensions });
  } catch (error) {
    if (hasCode(error, 'invalid_check')) return undefined;
    throw error;
  }
}

function adviceOf({ principal }: DecisionGroup, { decision, missing }: Explanation): string {
  const { reason } = decision.enforced ?? decision;
  if (missing !== undefined) {
    const { scope, selector } = missing;
    return `give \`${principal}\`, or a role that they hold, \`${scope}\` at \`${selector.resource_id}\``;
  }
  if (reason === 'not_a_member') return `add \`${principal}\` as a member`;
  if (reason === 'membership_inactive') return `make the membership of \`${principal}\` active`;
  const [deny] = decision.denied_by;
  return `take the deny of \`${deny?.scope ?? ''}\` away from \`${deny?.principal ?? ''}\``;
}
