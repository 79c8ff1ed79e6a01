import { type EnforcementState, query, type Tx } from '../database/index.ts';
import { identifierProblem } from './fields.ts';
import { organizationNotFound } from './organization-not-found.ts';

const HELD: unique symbol = Symbol('held');

/**
 * INVARIANT (one lock): the proof that this transaction holds the organization. Stores that write demand
 * it, so that nothing can change a decision without having raised the revision first.
 */
export interface OrganizationLock {
  readonly organizationId: string;
  /** The revision that this transaction makes. */
  readonly revision: number;
  /** When this transaction began: the time of everything that it writes. */
  readonly at: string;
  /** The database's history, which a token of the revision names too. */
  readonly epoch: string;
  /** Whether the organization has a counterpart in WorkOS. */
  readonly linked: boolean;
  readonly enforcement: EnforcementState;
  /** Flagged as left without an admin by a change of WorkOS's. */
  readonly noAdmin: boolean;
  /** The system roles as this organization has them; null where one is gone. */
  readonly adminRoleId: string | null;
  readonly memberRoleId: string | null;
  readonly [HELD]: true;
}

interface LockRow {
  readonly at: string;
  readonly revision: number;
  readonly epoch: string;
  readonly enforcement: EnforcementState;
  readonly no_admin: boolean;
  readonly linked: boolean;
  readonly admin_role_id: string | null;
  readonly member_role_id: string | null;
}

/**
 * Raises the organization's revision and holds it until the transaction ends; waits for whoever holds it
 * now. Every command begins with it. Throws `organization_not_found`.
 */
export async function lockOrganization(tx: Tx, organizationId: string): Promise<OrganizationLock> {
  if (identifierProblem(organizationId) !== undefined) throw organizationNotFound(organizationId);
  const [row] = await query<LockRow>(tx, {
    name: 'lock_organization',
    text: `SELECT l.*, (SELECT e.epoch FROM rolecall.environment e) AS epoch, now() AS at
             FROM rolecall.lock_organization($1) l`,
    values: [organizationId],
    // Alone it leaves a revision that nothing is known of, for which everybody loads the organization again.
    harmless: true,
  });
  if (row === undefined) throw organizationNotFound(organizationId);
  return {
    organizationId,
    revision: row.revision,
    at: row.at,
    epoch: row.epoch,
    linked: row.linked,
    enforcement: row.enforcement,
    noAdmin: row.no_admin,
    adminRoleId: row.admin_role_id,
    memberRoleId: row.member_role_id,
    [HELD]: true,
  };
}

/**
 * Holds the organization as `lockOrganization` does, and reads in the same round trip what the command needs to
 * know: whatever `read` sends is sent behind the lock, so it sees what the lock holds. What it sends must be
 * harmless; what of it has to do with an organization that is not there is thrown away. Throws
 * `organization_not_found`.
 */
export async function lockAndRead<Read>(
  tx: Tx,
  organizationId: string,
  read: () => Promise<Read>,
): Promise<readonly [OrganizationLock, Read]> {
  // What cannot be an id is not sent: a NUL, for one, is an error of the connection's, not an answer.
  if (identifierProblem(organizationId) !== undefined) throw organizationNotFound(organizationId);
  return Promise.all([lockOrganization(tx, organizationId), read()]);
}
