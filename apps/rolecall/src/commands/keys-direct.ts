import type { CreatedApiKey, NewApiKey } from '@rolecall/contract';
import type { Session } from '../session/index.ts';
import { withDatabase } from './with-database.ts';

/** Creates a key in the database itself. Throws as `withDatabase` does. */
export function createKeyDirectly(
  session: Session,
  { name, scope, organization_id: organizationId }: NewApiKey,
): Promise<CreatedApiKey> {
  return withDatabase(session, async ({ roles }) => {
    const { value } = await roles.createApiKey({
      name,
      scope,
      ...(organizationId !== undefined && { organizationId }),
    });
    return {
      id: value.id,
      name: value.name,
      scope: value.scope,
      organization_id: value.organizationId,
      hint: value.hint,
      created_at: value.createdAt,
      revoked_at: value.revokedAt,
      key: value.key,
    };
  });
}
