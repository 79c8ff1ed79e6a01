import { type RawBuilder, sql } from 'kysely';
import { type OrganizationLock } from './organization-lock.ts';

/**
 * What a transaction changed in the answers of its organization: the grants of these roles, the standing,
 * roles or direct grants of these users and API keys, or something about all of it.
 */
export interface Changed {
  readonly organization?: boolean;
  readonly roles?: readonly string[];
  readonly users?: readonly string[];
  readonly apiKeys?: readonly string[];
}

/** Beyond this many names it is cheaper for everybody to load the organization again. */
const MAX_NAMES = 1_000;

/** A change as `changes.what` says it; `{}` when no answer changed. */
export function describeChange({
  organization = false,
  roles = [],
  users = [],
  apiKeys = [],
}: Changed): string {
  if (organization || roles.length + users.length + apiKeys.length > MAX_NAMES) {
    return '{"organization":true}';
  }
  return JSON.stringify({
    ...(roles.length > 0 && { roles }),
    ...(users.length > 0 && { users }),
    ...(apiKeys.length > 0 && { api_keys: apiKeys }),
  });
}

/** The common table expression that records the revision and what it changed, one row per revision. */
export function changePart(lock: OrganizationLock, changed: Changed): RawBuilder<unknown> {
  return sql`change AS (
      INSERT INTO rolecall.changes (organization_id, revision, what)
      VALUES (${lock.organizationId}, ${lock.revision}, ${describeChange(changed)}::jsonb)
    )`;
}
