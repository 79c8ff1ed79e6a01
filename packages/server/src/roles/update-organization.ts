import { type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import {
  getOrganization,
  lockOrganization,
  type Organization,
  updateOrganizationRow,
} from '../identity/index.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { differenceBetween } from './difference.ts';
import { organizationShape, readOrganizationFields } from './organization-fields.ts';

/** What of an organization is replaced. */
export interface OrganizationChange {
  readonly name?: string | undefined;
  readonly workosId?: string | null | undefined;
}

/**
 * Renames an organization or links it to its counterpart in WorkOS. A link is made once: to change or to
 * undo it would leave two sides that both believe to own the members. Throws `invalid_request`,
 * `workos_id_taken`, and `owned_by_workos` for the name and the link of a linked one.
 */
export async function updateOrganization(
  tx: Tx,
  organizationId: string,
  change: OrganizationChange,
  context: CommandContext,
): Promise<Committed<Organization>> {
  const fields = readOrganizationFields(change);
  const lock = await lockOrganization(tx, organizationId);
  const before = await getOrganization(tx, organizationId);
  const { name = before.name, workosId = before.workosId } = fields;
  if (name === before.name && workosId === before.workosId) {
    await closeCommand(tx, lock, context, { changed: {}, entries: [] });
    return committed(lock, before);
  }
  if (lock.linked) throw ownedByWorkos(before);
  if (!(await updateOrganizationRow(tx, lock, { name, workosId }))) {
    const message = `another organization is linked to \`${workosId ?? ''}\``;
    throw refusal('workos_id_taken', message, { workosId });
  }
  const value = await getOrganization(tx, organizationId);
  const difference = differenceBetween(organizationShape(before), organizationShape(value));
  const subject = `organization:${organizationId}`;
  await closeCommand(tx, lock, context, {
    changed: {},
    entries: [{ action: 'organization.updated', subject, ...difference }],
  });
  return committed(lock, value);
}

function ownedByWorkos({ id, workosId }: Organization): Error {
  const message = `the organization \`${id}\` is linked to \`${workosId ?? ''}\`, which owns its name; the link stays`;
  return refusal('owned_by_workos', message, { workosId });
}
