import { z } from '@hono/zod-openapi';
import { defineEndpoint } from './endpoint.ts';
import { GrantPayloads } from './grants.ts';
import { limits } from './limits.ts';
import { InOrganization, OrganizationId, UserId } from './names.ts';
import { email, identifier, line, paragraph } from './text.ts';

const RoleKey = identifier().openapi({
  description: 'Names the role within the document and in the next import.',
});

/** A whole organization as a document. The shape only; what it says is judged by the import itself. */
export const ImportDocument = z
  .strictObject({
    organization: z
      .strictObject({ id: OrganizationId.optional(), name: line(255).optional() })
      .optional()
      .openapi({ description: '`id`, if given, equals the path.' }),
    roles: z
      .array(
        z.strictObject({
          key: RoleKey,
          name: line(48),
          description: paragraph(150).nullable().optional(),
          grants: GrantPayloads,
        }),
      )
      .max(limits.importRoles)
      .optional(),
    members: z
      .array(
        z.strictObject({
          id: UserId,
          email: email(),
          name: line(255).nullable().optional(),
          roles: z
            .array(RoleKey)
            .max(limits.idsPerCall)
            .openapi({ description: 'Keys of roles in this document, or `admin` and `member`.' }),
        }),
      )
      .max(limits.importMembers)
      .optional(),
  })
  .openapi('ImportDocument', {
    example: {
      organization: { id: 'acme', name: 'Acme Corporation' },
      roles: [{ key: 'readers', name: 'Readers', grants: [{ scope: 'project:read' }] }],
      members: [{ id: 'alice', email: 'alice@acme.example', name: 'Alice', roles: ['readers'] }],
    },
  });
export type ImportDocument = z.output<typeof ImportDocument>;

export const ImportResult = z
  .object({
    roles_created: z.number().int(),
    roles_updated: z.number().int(),
    grants_created: z.number().int(),
    members_created: z.number().int(),
    members_updated: z.number().int(),
    assignments_created: z.number().int(),
  })
  .openapi('ImportResult', {
    example: {
      roles_created: 1,
      roles_updated: 0,
      grants_created: 1,
      members_created: 1,
      members_updated: 0,
      assignments_created: 1,
    },
  });
export type ImportResult = z.output<typeof ImportResult>;

export const importOrganization = defineEndpoint({
  operationId: 'importOrganization',
  method: 'post',
  path: '/v1/organizations/{org}/import',
  tag: 'Import',
  summary: 'Import roles and members',
  description:
    'Creates and updates by role key and member id, removes nothing. All or nothing, one revision, safe to repeat. Up to 64 MiB. Every problem is reported with its place.',
  key: 'manage',
  writes: true,
  onBehalf: true,
  params: InOrganization,
  body: ImportDocument,
  bodyLimit: limits.importBodyBytes,
  answer: { status: 200, description: 'What was done.', schema: ImportResult },
  errors: [
    'import_invalid',
    'role_name_taken',
    'last_admin',
    'admin_must_keep_org_admin',
    'owned_by_workos',
    'multiple_roles_not_enabled',
  ],
});
