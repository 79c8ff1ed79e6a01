import { createHash } from 'node:crypto';

/** The ids of what a seed makes; organizations, members, roles and grants are counted from 1. */
export interface SeededIds {
  readonly organization: (organization: number) => string;
  readonly user: (organization: number, member: number) => string;
  readonly membership: (organization: number, member: number) => string;
  readonly role: (organization: number, role: number) => string;
  /** The resource of a role's grant. */
  readonly project: (role: number, grant: number) => string;
}

/** The ids under a prefix. `seedStatements` says the same in SQL. */
export function seededIds(prefix: string): SeededIds {
  return {
    organization: (organization) => `${prefix}-${organization}`,
    user: (organization, member) => `${prefix}-${organization}-${member}`,
    membership: (organization, member) => uuid(`${prefix} membership ${organization} ${member}`),
    role: (organization, role) => uuid(`${prefix} role ${organization} ${role}`),
    project: (role, grant) => `project-${role}-${grant}`,
  };
}

/** What `md5(…)::uuid` is in PostgreSQL. */
function uuid(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
