import { ROOT, type Policy, type ScopeDefinition } from './scope.ts';

/** Whether holding `held` is enough for `asked`: it is the same scope, or implies it. */
export function satisfies(policy: Policy, held: string, asked: string): boolean {
  if (held === asked || held === ROOT) return true;
  return policy.byName.get(held)?.implies.includes(asked) ?? false;
}

/** All that holding a scope is enough for: itself, and what it implies. */
export function satisfiedBy({ scope, implies }: ScopeDefinition): readonly string[] {
  return [scope, ...implies];
}

/**
 * Everything that can be reached from `start` by following `direct`, in the order met. Contains
 * `start` itself only if it can be reached again, that is, on a cycle.
 */
export function reachableFrom(
  start: string,
  direct: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const reached = new Set<string>();
  const open = [...(direct.get(start) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...(direct.get(next) ?? []));
  }
  return [...reached];
}
