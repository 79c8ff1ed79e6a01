/*
 * Role sets are sets of slugs, sorted, each once. WorkOS knows one role of an organization per slug, so a slug names
 * a role for as long as one observation is compared.
 */

/** A set in the one form in which sets are compared and stored. */
export function slugSet(slugs: Iterable<string>): readonly string[] {
  return [...new Set(slugs)].sort();
}

/** Whether two sets have the same elements. */
export function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((slug) => other.includes(slug));
}

/** What is in `one` and not in `other`. */
export function without(one: readonly string[], other: readonly string[]): readonly string[] {
  return one.filter((slug) => !other.includes(slug));
}

/** What is in both. */
export function common(one: readonly string[], other: readonly string[]): readonly string[] {
  return one.filter((slug) => other.includes(slug));
}

/** Whether a change takes roles away and gives none; the fallback, which everybody has, counts as none. */
export function onlyLoses(
  before: readonly string[],
  after: readonly string[],
  fallback: string,
): boolean {
  const lost = without(without(before, [fallback]), after);
  return lost.length > 0 && without(without(after, [fallback]), before).length === 0;
}
