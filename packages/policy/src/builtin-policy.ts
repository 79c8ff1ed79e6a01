import { definePolicy } from './define-policy.ts';
import { type KindInput } from './policy-definition.ts';

/**
 * The organization itself. Rolecall asks for `org:read` and `org:admin` in its own API, so a host's
 * policy declares this kind too.
 */
export const organizationKind = {
  description: 'The organization itself',
  single: true,
  actions: {
    read: { description: 'See the organization, its members and its roles' },
    admin: { description: 'Manage members, roles and grants', implies: ['read'] },
  },
} as const satisfies KindInput;

/** The policy that holds when the host brings none. */
export const builtinPolicy = definePolicy({
  kinds: {
    org: organizationKind,
    project: {
      description: 'A project',
      actions: {
        read: { description: 'See a project' },
        write: { description: 'Change a project', implies: ['read'] },
      },
    },
    mcp: {
      description: 'An MCP server',
      actions: {
        connect: { description: 'Connect to a server' },
        read: { description: 'Use tools that read', implies: ['connect'] },
        write: { description: 'Use tools that write', implies: ['read'] },
      },
      dimensions: {
        tool: { description: 'One tool of the server' },
        disposition: {
          description: 'What tools of this kind do',
          values: ['read_only', 'destructive', 'idempotent', 'open_world'],
        },
        project_id: { description: 'The project the server belongs to' },
      },
    },
    environment: {
      description: 'An environment of a project',
      actions: {
        read: { description: 'See an environment' },
        write: { description: 'Change an environment', implies: ['read'] },
      },
      dimensions: {
        project_id: { description: 'The project the environment belongs to', required: true },
      },
    },
  },
  system_roles: {
    admin: 'all',
    member: ['org:read', 'project:read', 'mcp:read', 'mcp:connect', 'environment:read'],
  },
});
