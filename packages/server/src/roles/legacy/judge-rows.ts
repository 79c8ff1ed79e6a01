import { type Grant, parsePrincipal, type Policy, type Principal } from '@rolecall/policy';
import { inspectPayload } from '../read-grants.ts';

/** One row of a table that keeps grants by principal, as it comes from there. */
export interface PrincipalGrantRow {
  readonly principal_urn: unknown;
  readonly scope: unknown;
  readonly effect: unknown;
  /** One selector, or a list of them. */
  readonly selectors: unknown;
}

/** A row that can be stored: its principal, and a grant for each of its selectors. */
export interface JudgedRow {
  readonly urn: string;
  readonly principal: Exclude<Principal, { readonly type: 'api_key' }>;
  readonly grants: readonly Grant[];
}

/** A row that cannot, and why. */
export interface RefusedRow {
  readonly urn: string;
  readonly effect: string;
  readonly message: string;
}

/** Judges a row as a payload of the API is judged. */
export function judgeRow(
  policy: Policy,
  organizationId: string,
  row: PrincipalGrantRow,
): JudgedRow | RefusedRow {
  const urn = textOf(row.principal_urn);
  const effect = textOf(row.effect);
  const refuse = (message: string): RefusedRow => ({ urn, effect, message });
  const principal = readPrincipal(urn);
  if (principal === undefined) return refuse(`\`${urn}\` is no principal that can be imported`);
  if (effect !== 'allow' && effect !== 'deny') return refuse(`unknown effect \`${effect}\``);
  const selectors = selectorsOf(row.selectors);
  if (selectors === undefined)
    return refuse('`selectors` is neither a selector nor a list of them');
  const payload = { scope: textOf(row.scope), effect, selectors } as const;
  const { grants, problems } = inspectPayload(policy, organizationId, [payload], 'row');
  const [problem] = problems;
  return problem === undefined ? { urn, principal, grants } : refuse(problem.message);
}

function readPrincipal(urn: string): JudgedRow['principal'] | undefined {
  try {
    const principal = parsePrincipal(urn);
    return principal.type === 'api_key' ? undefined : principal;
  } catch {
    return undefined;
  }
}

type Selectors = NonNullable<Parameters<typeof inspectPayload>[2][number]['selectors']>;

function selectorsOf(value: unknown): Selectors | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const objects = list.every((one) => typeof one === 'object' && one !== null);
  // What is in the selectors is for the policy to judge.
  return objects ? (list as Selectors) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
