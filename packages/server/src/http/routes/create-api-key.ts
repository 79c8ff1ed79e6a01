import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { requireOrganization } from '../authentication.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toWireCreatedApiKey } from '../wire/index.ts';

export const createApiKey = writeRoute(
  endpoints.createApiKey,
  async ({ tx, body, apiKey, context }) => {
    if (body.organization_id !== undefined) requireOrganization(apiKey, body.organization_id);
    const organizationId = body.organization_id ?? apiKey.organizationId ?? undefined;
    const args = { name: body.name, scope: body.scope, ...defined({ organizationId }) };
    const { value, revision, epoch } = await roles.createApiKey(tx, args, context);
    return {
      body: toWireCreatedApiKey(value),
      ...(organizationId !== undefined &&
        revision !== null &&
        epoch !== null && { committed: { organizationId, revision, epoch } }),
    };
  },
);
