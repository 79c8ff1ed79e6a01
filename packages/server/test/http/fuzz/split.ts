import { type AnyEndpoint } from '@rolecall/contract';

/** Parts of about the same work, so that no single file decides how long a run takes. */
export function partOf({ path }: AnyEndpoint): 'roles' | 'sync' | 'others' {
  if (/^\/v1\/organizations\/\{org\}\/(?:roles|members|grants)/.test(path)) return 'roles';
  return path.startsWith('/v1/sync') ? 'sync' : 'others';
}
