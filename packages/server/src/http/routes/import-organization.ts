import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toWireImportResult } from '../wire/index.ts';

export const importOrganization = writeRoute(
  endpoints.importOrganization,
  async ({ tx, params, body, context }) => {
    const { value, revision } = await roles.importOrganization(tx, params.org, body, context);
    return { body: toWireImportResult(value), committed: { organizationId: params.org, revision } };
  },
);
