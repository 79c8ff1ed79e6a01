import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session/index.ts';
import { listAllRoles } from './find-role.ts';

/** How the roles of an organization are called, for people who do not think in uuids. */
export interface RoleNames {
  /** The name of the role with this id, or the id. */
  ofId(id: string): string;
  /** A text with the principal of each role replaced by the role's name. */
  inText(text: string): string;
}

const rolePrincipal = /role:(?:global|organization):([0-9a-f-]{36})/g;

/** Reads the names of an organization's roles; a key that may not read them sees principals instead. */
export async function readRoleNames(session: Session, organizationId: string): Promise<RoleNames> {
  const names = new Map<string, string>();
  try {
    for (const role of await listAllRoles(await session.api(), organizationId)) {
      names.set(role.id, role.name);
    }
  } catch (error) {
    const hidden = error instanceof CliError && error.exitCode === exitCodes.notAuthorized;
    if (!hidden) throw error;
  }
  return {
    ofId: (id) => names.get(id) ?? id,
    inText: (text) =>
      text.replace(rolePrincipal, (principal, id: string) => names.get(id) ?? principal),
  };
}
