import { limits } from '@rolecall/contract';
import { type Grant, grantKey, type Policy } from '@rolecall/policy';
import { type Problem } from '../../errors/index.ts';
import { identifierProblem } from '../../identity/index.ts';
import { inspectPayload } from '../read-grants.ts';
import { roleFieldProblems } from '../role-fields.ts';
import { type ImportedRole } from './document.ts';
import { type ImportFacts, type KnownRole } from './facts.ts';

/** The keys that always name a system role. */
export const SYSTEM_KEYS: ReadonlySet<string> = new Set(['admin', 'member']);

/** The rows that a document's roles say, and everything that is wrong with them. */
export interface JudgedRoles {
  /** For each role of the document, in its order. */
  readonly grants: readonly (readonly Grant[])[];
  readonly problems: readonly Problem[];
}

/** Judges the roles of a document, each at its place. Pure. */
export function judgeRoles(
  roles: readonly ImportedRole[],
  facts: ImportFacts,
  policy: Policy,
): JudgedRoles {
  const inspected = roles.map((role, index) =>
    inspectPayload(policy, facts.organizationId, role.grants, `roles[${index}].grants`),
  );
  const problems = roles.flatMap((role, index) => [
    ...fieldProblems(role, index),
    ...(inspected[index]?.problems ?? []).map(({ path, message }) => ({ path, message })),
    ...unionProblem(facts.roles.get(role.key), inspected[index]?.grants ?? [], index),
  ]);
  return {
    grants: inspected.map(({ grants }) => grants),
    problems: [...problems, ...repeatedKeys(roles), ...nameProblems(roles, facts)],
  };
}

function fieldProblems(role: ImportedRole, index: number): readonly Problem[] {
  const key = SYSTEM_KEYS.has(role.key)
    ? `\`${role.key}\` always names the system role`
    : identifierProblem(role.key);
  return Object.entries({ key, ...roleFieldProblems(role) }).flatMap(([field, message]) =>
    message === undefined ? [] : [{ path: `roles[${index}].${field}`, message }],
  );
}

/** A role keeps what it has, so what is imported must find room beside it. */
function unionProblem(
  known: KnownRole | undefined,
  imported: readonly Grant[],
  index: number,
): readonly Problem[] {
  if (known === undefined) return [];
  const size = new Set([...known.grants, ...imported].map(grantKey)).size;
  const most = limits.selectorsPerRole;
  if (size <= most || imported.length > most) return [];
  const message = `with those it has, the role would have \`${size}\` selectors; the limit is ${most}`;
  return [{ path: `roles[${index}].grants`, message }];
}

function repeatedKeys(roles: readonly ImportedRole[]): readonly Problem[] {
  return repetitions(roles.map((role) => role.key)).map(({ index, first, value }) => ({
    path: `roles[${index}].key`,
    message: `\`${value}\` is also the key of roles[${first}]`,
  }));
}

function nameProblems(
  roles: readonly ImportedRole[],
  { names, roles: known }: ImportFacts,
): readonly Problem[] {
  const repeated = repetitions(names.map(({ folded }) => folded)).map(({ index, first }) => ({
    path: `roles[${index}].name`,
    message: `\`${roles[index]?.name ?? ''}\` is also the name of roles[${first}]`,
  }));
  // A role that this document renames gives its old name free.
  const renamed = new Set(roles.flatMap(({ key }) => known.get(key)?.id ?? []));
  const taken = roles.flatMap(({ name }, index) => {
    const facts = names[index];
    const free =
      facts === undefined ||
      (!facts.global && (facts.roleId === null || renamed.has(facts.roleId)));
    return free
      ? []
      : [{ path: `roles[${index}].name`, message: `another role is called \`${name}\`` }];
  });
  return [...repeated, ...taken];
}

/** Every value that has been there before, and where it was first. */
export function repetitions(
  values: readonly string[],
): readonly { readonly index: number; readonly first: number; readonly value: string }[] {
  const firsts = new Map<string, number>();
  return values.flatMap((value, index) => {
    const first = firsts.get(value);
    if (first !== undefined) return [{ index, first, value }];
    firsts.set(value, index);
    return [];
  });
}
