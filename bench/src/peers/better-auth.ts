import { createAccessControl } from 'better-auth/plugins/access';
import { type Ask, type ProjectWork } from './peer.ts';

/** Whether projects may be read at all: what its documentation shows. */
export function betterAuthTypes(): Ask {
  const role = createAccessControl({ project: ['read', 'write'] }).newRole({ project: ['read'] });
  return () => role.authorize({ project: ['read'] }).success;
}

/** Each project declared as a resource of its own, which its documentation does not show. */
export function betterAuthProjects({ granted, asked }: ProjectWork): Ask {
  const statements: Record<string, readonly string[]> = Object.fromEntries(
    [...granted, ...asked].map((id) => [id, ['read']]),
  );
  const role = createAccessControl(statements).newRole(
    Object.fromEntries(granted.map((id) => [id, ['read']])),
  );
  const requests = asked.map((id) => ({ [id]: ['read'] }));
  return (nth) => role.authorize(requests[nth] ?? {}).success;
}
