import { inTransaction, type Db, query, type Reader } from '../database/index.ts';
import { type EnvironmentMark } from './port.ts';

/*
 * Which environment a key belongs to.
 *
 * No call of the API names its environment, and neither does a key. What differs between environments for
 * certain are ids: every one has roles of its own, at least the default role, made with it. So the ids of
 * the environment's roles are its mark. It costs one read and needs nothing to be written into WorkOS.
 * Roles come and go, hence two marks are of one environment when they share an id, and a confirmed mark
 * replaces the pinned one. Only where all roles were replaced between two starts is the same environment
 * taken for another one; the operator then pins it anew.
 */

/** How two marks compare. `unknown`: one of them is empty, which says nothing. */
export type MarkComparison = 'same' | 'other' | 'unknown';

/** Whether two marks are of one environment. */
export function compareMarks(pinned: EnvironmentMark, seen: EnvironmentMark): MarkComparison {
  if (pinned.roleIds.length === 0 || seen.roleIds.length === 0) return 'unknown';
  return seen.roleIds.some((id) => pinned.roleIds.includes(id)) ? 'same' : 'other';
}

/** What pinning found. Only after `pinned` and `same` may anything be taken from WorkOS or sent to it. */
export type PinResult = 'pinned' | MarkComparison;

/**
 * INVARIANT (one environment): a database belongs to the first environment it was connected to. Pins it
 * when it belongs to none, and confirms the mark when it is of the same one; otherwise changes nothing.
 */
export async function pinEnvironment(db: Db, seen: EnvironmentMark): Promise<PinResult> {
  if (seen.roleIds.length === 0) return 'unknown';
  return inTransaction(db, async (tx) => {
    const inserted = await query(tx, {
      text: `INSERT INTO rolecall.workos_environment (role_ids) VALUES ($1)
               ON CONFLICT (singleton) DO NOTHING RETURNING 1`,
      values: [seen.roleIds],
    });
    if (inserted.length > 0) return 'pinned';
    const [row] = await query<{ readonly role_ids: readonly string[] }>(tx, {
      text: 'SELECT role_ids FROM rolecall.workos_environment FOR UPDATE',
    });
    const comparison = compareMarks({ roleIds: row?.role_ids ?? [] }, seen);
    if (comparison === 'same') {
      await query(tx, {
        text: 'UPDATE rolecall.workos_environment SET role_ids = $1, confirmed_at = now()',
        values: [seen.roleIds],
      });
    }
    return comparison;
  });
}

/** Forgets the environment, so that the next one is pinned. For an operator who knows why. */
export async function unpinEnvironment(db: Db): Promise<void> {
  await query(db, { text: 'DELETE FROM rolecall.workos_environment' });
}

/** Whether a membership may hold several roles in this environment, as far as anybody has found out. */
export type MultipleRoles = 'enabled' | 'disabled' | 'unknown';

/**
 * How that was found out. A write is the only proof: an environment in which the setting was turned off
 * keeps memberships with several roles until they are next changed.
 */
export type MultipleRolesEvidence = 'seen' | 'written' | 'refused';

/** A refusal is believed for a day; then the next write may try again, for somebody may have turned it on. */
export async function readMultipleRoles(reader: Reader): Promise<MultipleRoles> {
  const [row] = await query<{ readonly multiple_roles: boolean | null }>(reader, {
    name: 'workos_environment_multiple_roles',
    text: `SELECT CASE WHEN multiple_roles OR multiple_roles_at > now() - interval '1 day'
                       THEN multiple_roles END AS multiple_roles
             FROM rolecall.workos_environment`,
  });
  const believed = row?.multiple_roles ?? undefined;
  if (believed === undefined) return 'unknown';
  return believed ? 'enabled' : 'disabled';
}

/** Keeps what was found out; what was merely seen never outweighs a refusal. */
export async function noteMultipleRoles(db: Db, evidence: MultipleRolesEvidence): Promise<void> {
  await query(db, {
    text: `UPDATE rolecall.workos_environment SET multiple_roles = $1, multiple_roles_at = now()
             WHERE $2 OR multiple_roles IS NULL`,
    values: [evidence !== 'refused', evidence !== 'seen'],
  });
}
