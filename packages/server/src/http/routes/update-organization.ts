import { endpoints } from '@rolecall/contract';
import { refusal } from '../../errors/index.ts';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toWireOrganization } from '../wire/index.ts';

export const updateOrganization = writeRoute(
  endpoints.updateOrganization,
  async ({ tx, params, body, apiKey, actor, context }) => {
    // Whether another organization has a WorkOS id would tell a tenant that the other one exists.
    if (body.workos_id !== undefined && (apiKey.organizationId !== null || actor !== undefined)) {
      throw refusal('forbidden', 'only an API key of the whole environment may change `workos_id`');
    }
    const args = defined({ name: body.name, workosId: body.workos_id });
    const { value, revision, epoch } = await roles.updateOrganization(
      tx,
      params.org,
      args,
      context,
    );
    return {
      body: toWireOrganization(value),
      committed: { organizationId: params.org, revision, epoch },
    };
  },
);
