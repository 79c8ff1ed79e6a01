import { endpoints } from '@rolecall/contract';
import * as roles from '../../roles/index.ts';
import { writeRoute } from '../route.ts';
import { toGrantPayloads, toWireImportResult } from '../wire/index.ts';

export const importOrganization = writeRoute(
  endpoints.importOrganization,
  async ({ tx, params, body, context }) => {
    const document = {
      ...body,
      roles: body.roles?.map((role) => ({ ...role, grants: toGrantPayloads(role.grants) })),
    };
    const { value, revision, epoch } = await roles.importOrganization(
      tx,
      params.org,
      document,
      context,
    );
    return {
      body: toWireImportResult(value),
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);
