import {
  type EntityJson,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import { type Ask, type MatrixWork, type Peer, type ProjectWork } from './peer.ts';

const READ = { type: 'Action', id: 'read' };
const ALICE = { type: 'User', id: 'alice' };

/** Policies that were parsed before; the entities are few, because they cross into WebAssembly every time. */
export function cedar({ granted, asked }: ProjectWork): Peer {
  const projects = asked.map((id) => ({ type: 'Project', id }));
  const each = `each-${granted.length}`;
  const list = `list-${granted.length}`;
  const project = (id: string): string => `Project::"${id}"`;
  parse(
    each,
    granted.map((id) => permit('principal == User::"alice"', `resource == ${project(id)}`)),
  );
  parse(list, [
    permit(
      'principal == User::"alice"',
      'resource',
      `[${granted.map(project).join(', ')}].contains(resource)`,
    ),
  ]);
  const ask =
    (preparsedPolicySetId: string): Ask =>
    (nth) =>
      decide(preparsedPolicySetId, ALICE, projects[nth], []);
  return {
    name: 'Cedar',
    ways: { 'a policy per project': ask(each), 'one policy with a list': ask(list) },
  };
}

/** A policy per role; a member comes with the roles it is in. */
export function cedarMatrix({ roles, members, asked }: MatrixWork, name: string): Ask {
  parse(
    name,
    [...roles].map(([role, ids]) =>
      permit(
        `principal in Role::"${role}"`,
        'resource',
        `[${ids.map((id) => `Project::"${id}"`).join(', ')}].contains(resource)`,
      ),
    ),
  );
  const questions = asked.map(({ member, project }) => ({
    principal: { type: 'User', id: member },
    resource: { type: 'Project', id: project },
    entities: [
      {
        uid: { type: 'User', id: member },
        attrs: {},
        parents: (members.get(member) ?? []).map((id) => ({ type: 'Role', id })),
      },
    ],
  }));
  return (nth) => {
    const question = questions[nth];
    if (question === undefined) return false;
    return decide(name, question.principal, question.resource, question.entities);
  };
}

/** Whether projects may be read at all. */
export function cedarTypes({ asked }: ProjectWork): Ask {
  parse('types', [permit('principal == User::"alice"', 'resource is Project')]);
  const projects = asked.map((id) => ({ type: 'Project', id }));
  return (nth) => decide('types', ALICE, projects[nth], []);
}

function permit(principal: string, resource: string, condition?: string): string {
  const when = condition === undefined ? '' : ` when { ${condition} }`;
  return `permit(${principal}, action == Action::"read", ${resource})${when};`;
}

function parse(name: string, policies: readonly string[]): void {
  const answer = preparsePolicySet(name, { staticPolicies: policies.join('\n') });
  if (answer.type === 'failure')
    throw new Error(answer.errors.map(({ message }) => message).join());
}

function decide(
  preparsedPolicySetId: string,
  principal: { readonly type: string; readonly id: string },
  resource: { readonly type: string; readonly id: string } | undefined,
  entities: EntityJson[],
): boolean {
  if (resource === undefined) return false;
  const answer = statefulIsAuthorized({
    principal,
    action: READ,
    resource,
    context: {},
    preparsedPolicySetId,
    entities,
  });
  return answer.type === 'success' && answer.response.decision === 'allow';
}
