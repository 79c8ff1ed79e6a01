import { type Caller } from './caller.ts';
import { type MultipleRolesEvidence } from './environment.ts';
import { eventCalls } from './events.ts';
import { membershipCalls } from './memberships.ts';
import { organizationCalls } from './organizations.ts';
import { type WorkosPort } from './port.ts';
import { roleCalls } from './roles.ts';
import { userCalls } from './users.ts';

export interface AdapterOptions {
  readonly caller: Caller;
  /** See `WorkosPort.longestCallMs`. */
  readonly longestCallMs: number;
  /** Told what an answer says about several roles of one membership. */
  readonly onMultipleRoles?: (evidence: MultipleRolesEvidence) => Promise<void>;
}

/** The one adapter of the port: every method is one call, in the words of WorkOS, sent by the caller. */
export function createAdapter(options: AdapterOptions): WorkosPort {
  const { caller, longestCallMs, onMultipleRoles = () => Promise.resolve() } = options;
  const roles = roleCalls(caller);
  return {
    longestCallMs,
    ...organizationCalls(caller),
    ...roles,
    ...membershipCalls(caller, onMultipleRoles),
    ...userCalls(caller),
    ...eventCalls(caller),
    readEnvironmentMark: async (callOptions) => {
      const list = await roles.listEnvironmentRoles(callOptions);
      return { roleIds: list.map((role) => role.remoteId).sort() };
    },
  };
}
