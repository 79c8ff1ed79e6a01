import { type HeldGrant } from '@rolecall/policy';
import { allow } from '../workload/handles.ts';
import { type Ask, type MatrixWork, type Peer, type ProjectWork } from './peer.ts';

/**
 * What the reference design does: the loaded grants are read one after the other for every check, and
 * each is compared in scope and selector until one allows.
 */
export function linearScan({ granted, asked }: ProjectWork): Peer {
  const grants = granted.map((id) => allow('role:global:r', 'project:read', id));
  return {
    name: 'linear scan',
    ways: { 'every grant': (nth) => scan(grants, 'project:read', asked[nth] ?? '') },
  };
}

/** The grants of all roles of a member, one after the other. */
export function linearScanMatrix({ roles, members, asked }: MatrixWork): Ask {
  const held = new Map(
    [...members].map(([member, names]) => [
      member,
      names.flatMap((role) =>
        (roles.get(role) ?? []).map((id) => allow(`role:global:${role}`, 'project:read', id)),
      ),
    ]),
  );
  const questions = asked.map(({ member, project }) => ({
    grants: held.get(member) ?? [],
    project,
  }));
  return (nth) => {
    const question = questions[nth];
    return question !== undefined && scan(question.grants, 'project:read', question.project);
  };
}

/** The scopes that allow a scope: itself and those that imply it. */
const SATISFIED_BY: Readonly<Record<string, readonly string[]>> = {
  'project:read': ['project:read', 'project:write', 'root'],
};

function scan(grants: readonly HeldGrant[], scope: string, id: string): boolean {
  const satisfying = SATISFIED_BY[scope] ?? [scope];
  let allowed = false;
  for (const { scope: held, effect, selector } of grants) {
    const { resource_kind, resource_id } = selector;
    if (resource_kind !== 'project' && resource_kind !== '*') continue;
    if (resource_id !== id && resource_id !== '*') continue;
    if (!satisfying.includes(held)) continue;
    if (effect === 'deny') return false;
    allowed = true;
  }
  return allowed;
}
