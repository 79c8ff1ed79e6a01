import { lineProblem, normalizeLine, paragraphProblem, refuseProblems } from '../identity/index.ts';

/** WorkOS takes no longer ones. */
const MAX_NAME = 48;
const MAX_DESCRIPTION = 150;

/** What a role says of itself. */
export interface RoleFields {
  readonly name: string;
  readonly description: string | null;
}

/** Fields as they come in: perhaps not all of them, perhaps not as they are kept. */
interface RawFields {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
}

/** The fields of a new role as they are kept. Throws `invalid_request` naming each that cannot be. */
export function readRoleFields(fields: RawFields & { readonly name: string }): RoleFields {
  refuseProblems(roleFieldProblems(fields));
  return {
    name: normalizeLine(fields.name),
    description: normalizeDescription(fields.description),
  };
}

/** Only the fields that a change names, as they are kept. Throws `invalid_request`. */
export function readFieldChange(fields: RawFields): Partial<RoleFields> {
  refuseProblems(roleFieldProblems(fields));
  const { name, description } = fields;
  return {
    ...(name !== undefined && { name: normalizeLine(name) }),
    ...(description !== undefined && { description: normalizeDescription(description) }),
  };
}

/** What is wrong with each field that is there. */
export function roleFieldProblems({
  name,
  description,
}: RawFields): Readonly<Record<keyof RoleFields, string | undefined>> {
  const text = normalizeDescription(description);
  return {
    name: name === undefined ? undefined : lineProblem(normalizeLine(name), MAX_NAME),
    description: text === null ? undefined : paragraphProblem(text, MAX_DESCRIPTION),
  };
}

/** A description as it is kept: none where nothing is said. */
export function normalizeDescription(description: string | null | undefined): string | null {
  const text = description?.normalize('NFC').trim() ?? '';
  return text === '' ? null : text;
}
