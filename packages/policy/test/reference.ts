import {
  type Check,
  type Grant,
  type HeldGrant,
  type Policy,
  type ScopeDefinition,
  type Verdict,
} from '../src/index.ts';

/**
 * The access model as slowly and plainly as it can be said. Everything else is compared with this; it
 * shares no code with it. The check is taken to be valid.
 */
export function reference(
  policy: Policy,
  grants: readonly HeldGrant[],
  { scope, resource_id, dimensions = {} }: Check,
): Verdict {
  const held = grants.filter((grant) => isValid(policy, grant));
  const asked = new Map([...Object.entries(dimensions), ['resource_id', resource_id]]);
  const implies = (a: string, b: string): boolean =>
    a === b || a === 'root' || (find(policy, a)?.implies ?? []).includes(b);

  const allows = held.filter((g) => g.effect === 'allow' && implies(g.scope, scope));
  const denies = held.filter((g) => g.effect === 'deny' && implies(scope, g.scope));
  const narrowing = (g: Grant): [string, string][] =>
    Object.entries(g.selector).filter(([k, v]) => k !== 'resource_kind' && v !== '*');
  const present = (g: Grant): [string, string][] => narrowing(g).filter(([k]) => asked.has(k));
  const agrees = (g: Grant): boolean => present(g).every(([k, v]) => asked.get(k) === v);
  const complete = (g: Grant): boolean => present(g).length === narrowing(g).length;

  const matched = allows.filter(agrees);
  const denied_by = denies.filter((g) => agrees(g) && complete(g));
  const undetermined = denies.filter((g) => agrees(g) && !complete(g));
  const allowed = matched.length > 0 && denied_by.length === 0;
  if (denied_by.length > 0)
    return { allowed, reason: 'deny_matched', matched, denied_by, undetermined };
  const reason = allowed ? 'grant_matched' : held.length > 0 ? 'scope_unsatisfied' : 'no_grants';
  return { allowed, reason, matched, denied_by, undetermined };
}

function isValid(policy: Policy, { scope, selector }: Grant): boolean {
  const { resource_kind, resource_id, ...dimensions } = selector;
  if (scope === 'root') {
    const others = Object.values(dimensions).filter((value) => value !== '*');
    return resource_kind === '*' && resource_id === '*' && others.length === 0;
  }
  const definition = find(policy, scope);
  if (definition?.kind !== resource_kind) return false;
  return Object.entries(dimensions).every(([name, value]) => {
    const dimension = definition.dimensions.find((declared) => declared.name === name);
    return (
      dimension !== undefined && (value === '*' || (dimension.values ?? [value]).includes(value))
    );
  });
}

function find(policy: Policy, scope: string): ScopeDefinition | undefined {
  return policy.scopes.find((definition) => definition.scope === scope);
}
