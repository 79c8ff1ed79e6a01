import { type WorkosCall } from './call.ts';
import { type Caller } from './caller.ts';
import { type MultipleRolesEvidence } from './environment.ts';
import { remoteMembershipStatuses } from './facts.ts';
import { isWorkosFailure, workosFailure } from './failure.ts';
import { listAll, listPage } from './listing.ts';
import { type MembershipFilter, type WorkosPort } from './port.ts';
import { membershipShape } from './wire.ts';

type Memberships = Pick<
  WorkosPort,
  'getMembership' | 'listMemberships' | 'allMemberships' | 'setMembershipRoles'
>;

const ALL = '/user_management/organization_memberships';
const ONE = '/user_management/organization_memberships/*';

/**
 * The part of the port that is about memberships. Answers that show whether a membership may hold several
 * roles are told to `learn`; there is no call that asks, and trying it out would change a real member.
 */
export function membershipCalls(
  caller: Caller,
  learn: (evidence: MultipleRolesEvidence) => Promise<void>,
): Memberships {
  return {
    getMembership: async (id, options) => {
      const call = { method: 'GET', route: ONE, ids: [id] } as const;
      const membership = await caller(call, membershipShape, options);
      if (membership.roleSlugs.length > 1) await learn('seen');
      return membership;
    },
    listMemberships: async (filter, options) => {
      const page = await listPage(caller, listCall(filter), membershipShape, options);
      if (page.items.some((membership) => membership.roleSlugs.length > 1)) await learn('seen');
      return page;
    },
    allMemberships: (filter, options) =>
      listAll(caller, listCall(filter), membershipShape, options),
    setMembershipRoles: async (id, roleSlugs, options) => {
      const slugs = [...new Set(roleSlugs)].sort();
      if (slugs.length === 0) {
        throw workosFailure('rejected', 'invalid_argument', { call: `PUT ${ONE}` });
      }
      const call = { method: 'PUT', route: ONE, ids: [id], body: { role_slugs: slugs } } as const;
      try {
        const membership = await caller(call, membershipShape, options);
        if (slugs.length > 1) await learn('written');
        return membership;
      } catch (error) {
        if (isWorkosFailure(error, 'multiple_roles_not_enabled')) await learn('refused');
        throw error;
      }
    },
  };
}

function listCall({ organizationId, userId, statuses }: MembershipFilter): WorkosCall {
  return {
    method: 'GET',
    route: ALL,
    query: {
      ...(organizationId !== undefined && { organization_id: organizationId }),
      ...(userId !== undefined && { user_id: userId }),
      statuses: (statuses ?? remoteMembershipStatuses).join(','),
    },
  };
}
