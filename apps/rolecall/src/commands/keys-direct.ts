import type { CreatedApiKey, NewApiKey } from '@rolecall/contract';
import { createRolecall } from '@rolecall/server';
import { requireMigrations, reachDatabase } from '../database/index.ts';
import { createSteps } from '../output/index.ts';
import type { Session } from '../session/index.ts';

/**
 * Creates a key in the database itself, without any key: whoever can reach the database may. Throws a
 * `CliError` when there is no database, or not with the schema of this version.
 */
export async function createKeyDirectly(
  session: Session,
  { name, scope, organization_id: organizationId }: NewApiKey,
): Promise<CreatedApiKey> {
  const reached = await createSteps(session.output).run(
    'Reaching the database',
    (say) => reachDatabase(session.config(), { create: false, say }),
    () => undefined,
  );
  try {
    await requireMigrations(reached.url);
    const rolecall = createRolecall({ databaseUrl: reached.url });
    try {
      const { value } = await rolecall.roles.createApiKey({
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
    } finally {
      await rolecall.close();
    }
  } finally {
    await reached.release();
  }
}
