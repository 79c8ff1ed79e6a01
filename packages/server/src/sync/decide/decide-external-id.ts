/** What to do about the id under which WorkOS knows our user. */
export interface ExternalIdDecision {
  readonly do: 'equal' | 'push' | 'foreign';
}

/** A foreign, non-empty external id is never overwritten: somebody else relies on it. */
export function decideExternalId(local: string, remote: string | null): ExternalIdDecision {
  if (remote === local) return { do: 'equal' };
  return { do: remote === null || remote === '' ? 'push' : 'foreign' };
}
