import { z } from '@hono/zod-openapi';
import { identifier, uuid } from './text.ts';

/** Ids as they stand in paths and bodies. */
export const OrganizationId = identifier().openapi({ example: 'acme' });
export const UserId = identifier().openapi({ example: 'alice' });
export const roleIdExample = '4d2e8c70-91a5-4c0e-8f0f-0a4a6f4f5b11';
export const RoleId = uuid().openapi({ example: roleIdExample });

/** Who holds grants. Whether it can be asked about here is for the endpoint to say. */
export const Principal = z.string().min(1).max(300).openapi({ example: 'user:alice' });

/** The path of whatever belongs to one organization. */
export const InOrganization = z.strictObject({ org: OrganizationId });
export const OfRole = z.strictObject({ org: OrganizationId, role_id: RoleId });
export const OfMember = z.strictObject({ org: OrganizationId, user_id: UserId });
