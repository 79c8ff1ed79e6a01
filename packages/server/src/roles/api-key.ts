import { type ApiKeyScope, type JsonValue } from '../database/index.ts';

/** An API key, without its secret. */
export interface ApiKey {
  readonly id: string;
  /** The one organization it reaches; null for all of them. */
  readonly organizationId: string | null;
  readonly scope: ApiKeyScope;
  readonly name: string;
  /** The last characters of the secret. */
  readonly hint: string;
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** What an API key is made from. */
export interface NewApiKey {
  readonly organizationId?: string | undefined;
  readonly scope: ApiKeyScope;
  readonly name: string;
}

/** A key and its secret, which is kept nowhere. */
export interface CreatedApiKey extends ApiKey {
  readonly key: string;
}

/** An API key in the shape of the API, for the history. */
export function apiKeyShape(key: ApiKey): JsonValue {
  return {
    id: key.id,
    organization_id: key.organizationId,
    scope: key.scope,
    name: key.name,
    hint: key.hint,
    created_at: key.createdAt,
    revoked_at: key.revokedAt,
  };
}
