/** What one revision of an organization changed, as far as states in memory are concerned. */
export interface Change {
  readonly revision: number;
  /** Something about all of it, or something that this version cannot read. */
  readonly everything: boolean;
  /** The ids of roles whose grants changed. */
  readonly roles: readonly string[];
  /** The principals whose standing, roles or direct grants changed. */
  readonly principals: readonly string[];
}

/** Reads `changes.what`. Whatever it does not know counts as everything. */
export function readChange(revision: number, what: unknown): Change {
  const known = readNames(what);
  if (known === undefined) return { revision, everything: true, roles: [], principals: [] };
  const { roles = [], users = [], api_keys = [] } = known;
  return {
    revision,
    everything: false,
    roles,
    principals: [...users.map((id) => `user:${id}`), ...api_keys.map((id) => `api_key:${id}`)],
  };
}

type Names = Partial<Record<'roles' | 'users' | 'api_keys', readonly string[]>>;

function readNames(what: unknown): Names | undefined {
  if (typeof what !== 'object' || what === null || Array.isArray(what)) return undefined;
  for (const [key, names] of Object.entries(what)) {
    if (key !== 'roles' && key !== 'users' && key !== 'api_keys') return undefined;
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
  }
  return what;
}
