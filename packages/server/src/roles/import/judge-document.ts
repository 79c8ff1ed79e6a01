import { type Grant, type Policy } from '@rolecall/policy';
import { type Problem, refusal } from '../../errors/index.ts';
import { type ImportDocument } from './document.ts';
import { type ImportFacts } from './facts.ts';
import { judgeMembers } from './judge-members.ts';
import { judgeRoles } from './judge-roles.ts';

/** Beyond this many, problems are counted but no longer listed. */
const MAX_PROBLEMS = 10_000;

/**
 * The rows that a document's roles say, for each role in its order. Throws `import_invalid` with every
 * problem of the document at its place, before anything is written.
 */
export function judgeDocument(
  document: ImportDocument,
  facts: ImportFacts,
  { policy, roleIds }: { readonly policy: Policy; readonly roleIds: ReadonlyMap<string, string> },
): readonly (readonly Grant[])[] {
  const { organization, roles = [], members = [] } = document;
  const judged = judgeRoles(roles, facts, policy);
  const problems = [
    ...organizationProblem(organization?.id, facts),
    ...judged.problems,
    ...judgeMembers(members, facts, roleIds),
  ];
  if (problems.length > 0) throw importInvalid(problems);
  return judged.grants;
}

function organizationProblem(
  id: string | undefined,
  { organizationId }: ImportFacts,
): readonly Problem[] {
  if (id === undefined || id === organizationId) return [];
  const message = `the document is of \`${id}\`, not of \`${organizationId}\``;
  return [{ path: 'organization.id', message }];
}

function importInvalid(problems: readonly Problem[]): Error {
  const [first] = problems;
  const where = first === undefined ? '' : `: \`${first.path}\`: ${first.message}`;
  return refusal('import_invalid', `the document has ${problems.length} problems${where}`, {
    problems: problems.slice(0, MAX_PROBLEMS),
    problemCount: problems.length,
  });
}
