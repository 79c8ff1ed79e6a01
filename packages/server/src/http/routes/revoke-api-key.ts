import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';

export const revokeApiKey = writeRoute(
  endpoints.revokeApiKey,
  async ({ tx, params, apiKey, context }) => {
    const { value, revision, epoch } = await roles.revokeApiKey(
      tx,
      { apiKeyId: params.id, ...defined({ organizationId: apiKey.organizationId ?? undefined }) },
      context,
    );
    const { organizationId } = value;
    return organizationId !== null && revision !== null && epoch !== null
      ? { committed: { organizationId, revision, epoch } }
      : {};
  },
);
