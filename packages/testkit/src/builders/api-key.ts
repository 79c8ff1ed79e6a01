import { createHash } from 'node:crypto';
import { type ApiKeyScope, type Reader, query } from '@rolecall/server/database';
import { freshName } from './fresh-names.ts';

export interface ApiKeyPlan {
  /** None for a key of the whole environment. */
  readonly organizationId?: string;
  /** `manage` unless told otherwise. */
  readonly scope?: ApiKeyScope;
  readonly name?: string;
  readonly revoked?: boolean;
  /** What the row keeps the SHA-256 of. */
  readonly secret?: string;
}

export interface BuiltApiKey {
  readonly id: string;
  readonly secret: string;
}

/** The row of an API key; how a secret looks and is hashed for real is the business of its command. */
export async function buildApiKey(reader: Reader, plan: ApiKeyPlan = {}): Promise<BuiltApiKey> {
  const name = plan.name ?? freshName('key');
  const secret = plan.secret ?? `secret of ${name}`;
  const [row] = await query<{ readonly id: string }>(reader, {
    text: `
      INSERT INTO rolecall.api_keys (organization_id, scope, name, hash, hint, revoked_at)
        VALUES ($1, $2, $3, $4, $5, CASE WHEN $6::boolean THEN now() END)
        RETURNING id`,
    values: [
      plan.organizationId ?? null,
      plan.scope ?? 'manage',
      name,
      createHash('sha256').update(secret).digest(),
      secret.slice(-4),
      plan.revoked ?? false,
    ],
  });
  if (row === undefined) throw new Error('the API key was not inserted');
  return { id: row.id, secret };
}
