import { refusal, type RolecallError } from '../errors/index.ts';

/** The refusal for an organization that is not there. */
export function organizationNotFound(organizationId: string): RolecallError {
  return refusal('organization_not_found', `there is no organization \`${organizationId}\``, {
    organizationId,
  });
}
