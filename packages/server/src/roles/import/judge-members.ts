import { type Problem } from '../../errors/index.ts';
import {
  emailProblem,
  identifierProblem,
  lineProblem,
  normalizeLine,
} from '../../identity/index.ts';
import { type ImportedMember } from './document.ts';
import { type ImportFacts } from './facts.ts';
import { repetitions } from './judge-roles.ts';

/** Everything that is wrong with the members of a document. `roleIds` has the role of every key there is. Pure. */
export function judgeMembers(
  members: readonly ImportedMember[],
  facts: ImportFacts,
  roleIds: ReadonlyMap<string, string>,
): readonly Problem[] {
  const repeated = repetitions(members.map((member) => member.id)).map(
    ({ index, first, value }) => ({
      path: `members[${index}].id`,
      message: `\`${value}\` is also the id of members[${first}]`,
    }),
  );
  return [
    ...members.flatMap((member, index) => [
      ...fieldProblems(member, index),
      ...unknownRoles(member, index, roleIds),
      ...ownershipProblems(member, index, { facts, roleIds }),
    ]),
    ...repeated,
  ];
}

function fieldProblems({ id, email, name }: ImportedMember, index: number): readonly Problem[] {
  const found = {
    id: identifierProblem(id),
    email: emailProblem(email.trim()),
    name: typeof name === 'string' ? lineProblem(normalizeLine(name), 255) : undefined,
  };
  return Object.entries(found).flatMap(([field, message]) =>
    message === undefined ? [] : [{ path: `members[${index}].${field}`, message }],
  );
}

function unknownRoles(
  { roles }: ImportedMember,
  index: number,
  roleIds: ReadonlyMap<string, string>,
): readonly Problem[] {
  return roles.flatMap((key, position) =>
    roleIds.has(key)
      ? []
      : [{ path: `members[${index}].roles[${position}]`, message: `there is no role \`${key}\`` }],
  );
}

/** What WorkOS or a directory owns is not imported. */
function ownershipProblems(
  { id, roles }: ImportedMember,
  index: number,
  {
    facts,
    roleIds,
  }: { readonly facts: ImportFacts; readonly roleIds: ReadonlyMap<string, string> },
): readonly Problem[] {
  const member = facts.members.get(id);
  const at = (field: string, message: string): readonly Problem[] => [
    { path: `members[${index}].${field}`, message },
  ];
  if (member === undefined) {
    if (facts.linked)
      return at('id', 'is no member, and members of a linked organization are added in WorkOS');
    return facts.deletedUsers.has(id) ? at('id', 'names a user who has been deleted') : [];
  }
  const gains = roles.some((key) => !member.roleIds.includes(roleIds.get(key) ?? ''));
  return member.directoryManaged && gains
    ? at('roles', 'a directory owns the roles of this member')
    : [];
}
