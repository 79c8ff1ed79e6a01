import { type EnforcementState, type Tx } from '../database/index.ts';
import { defect, refusal } from '../errors/index.ts';
import {
  findOrganizationClash,
  generateId,
  getOrganization,
  insertOrganization,
  lockOrganization,
  type Organization,
} from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { organizationShape, readOrganizationFields } from './organization-fields.ts';
import { seedSystemRoles } from './system-roles-store.ts';

/** What an organization is made from. */
export interface NewOrganization {
  readonly id?: string | undefined;
  readonly name: string;
  readonly workosId?: string | null | undefined;
  /** `enforced` unless told otherwise; one that is adopted from WorkOS starts `off`. */
  readonly enforcement?: EnforcementState;
}

/**
 * Makes an organization with the system roles and their grants, and without members. Throws
 * `invalid_request`, `organization_exists`, `workos_id_taken`.
 */
export async function createOrganization(
  tx: Tx,
  args: NewOrganization,
  context: CommandContext,
): Promise<Committed<Organization>> {
  const { name = '', workosId = null } = readOrganizationFields(args);
  const { id = generateId('org'), enforcement = 'enforced' } = args;
  if (!(await insertOrganization(tx, { id, name, workosId, enforcement }))) {
    throw await organizationClash(tx, id, workosId);
  }
  await seedSystemRoles(tx, id, context.policy);
  const lock = await lockOrganization(tx, id);
  const value = await getOrganization(tx, id);
  await closeCommand(tx, lock, context, {
    changed: { organization: true },
    entries: [
      {
        action: 'organization.created',
        subject: `organization:${id}`,
        after: organizationShape(value),
      },
    ],
  });
  return committed(lock, value);
}

async function organizationClash(tx: Tx, id: string, workosId: string | null): Promise<Error> {
  const clash = await findOrganizationClash(tx, id, workosId);
  switch (clash) {
    case 'organization_exists':
      return refusal(clash, `there is an organization \`${id}\` already`, { organizationId: id });
    case 'workos_id_taken':
      return refusal(clash, `another organization is linked to \`${workosId ?? ''}\``, {
        workosId,
      });
    case undefined:
      return defect(`the organization \`${id}\` was refused for no visible reason`);
  }
}
