import { allow, handleOf } from '../workload/handles.ts';
import { type Ask, type MatrixWork, type Peer, type ProjectWork } from './peer.ts';

/** A handle with one role. */
export function rolecall({ granted, asked }: ProjectWork): Peer {
  const handle = handleOf([granted.map((id) => allow('role:global:r', 'project:read', id))]);
  return {
    name: 'Rolecall',
    ways: { handle: (nth) => handle.can('project:read', asked[nth] ?? '') },
  };
}

/** A handle per member, over the roles it holds. */
export function rolecallMatrix({ roles, members, asked }: MatrixWork): Ask {
  const handles = new Map(
    [...members].map(([member, held]) => [
      member,
      handleOf(
        held.map((role) =>
          (roles.get(role) ?? []).map((id) => allow(`role:global:${role}`, 'project:read', id)),
        ),
      ),
    ]),
  );
  const questions = asked.map(({ member, project }) => ({ handle: handles.get(member), project }));
  return (nth) => {
    const question = questions[nth];
    return question?.handle?.can('project:read', question.project) ?? false;
  };
}

/** A handle with one grant that reaches every project. */
export function rolecallTypes({ asked }: ProjectWork): Ask {
  const handle = handleOf([[allow('role:global:r', 'project:read', '*')]]);
  return (nth) => handle.can('project:read', asked[nth] ?? '');
}
