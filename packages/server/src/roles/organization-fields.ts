import { type JsonValue } from '../database/index.ts';
import {
  identifierProblem,
  lineProblem,
  normalizeLine,
  type Organization,
  refuseProblems,
} from '../identity/index.ts';

/** What an organization is called, here and in WorkOS. */
export interface OrganizationFields {
  readonly name: string;
  readonly workosId: string | null;
}

/** The fields as they are kept; only those that are given. Throws `invalid_request`. */
export function readOrganizationFields(fields: {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly workosId?: string | null | undefined;
}): Partial<OrganizationFields> {
  const name = fields.name === undefined ? undefined : normalizeLine(fields.name);
  const { id, workosId } = fields;
  refuseProblems({
    id: id === undefined ? undefined : identifierProblem(id),
    name: name === undefined ? undefined : lineProblem(name, 255),
    workos_id: typeof workosId === 'string' ? identifierProblem(workosId) : undefined,
  });
  return { ...(name !== undefined && { name }), ...(workosId !== undefined && { workosId }) };
}

/** An organization in the shape of the API, for the history. */
export function organizationShape(organization: Organization): Readonly<Record<string, JsonValue>> {
  return {
    id: organization.id,
    name: organization.name,
    workos_id: organization.workosId,
    enforcement: organization.enforcement,
    created_at: organization.createdAt,
  };
}
