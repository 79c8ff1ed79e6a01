import { endpoints } from '@rolecall/contract';
import { refusal } from '../../errors/index.ts';
import * as roles from '../../roles/index.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toWireOrganization } from '../wire/index.ts';

export const createOrganization = writeRoute(
  endpoints.createOrganization,
  async ({ tx, body, apiKey, context }) => {
    if (apiKey.organizationId !== null) {
      throw refusal('forbidden', 'an API key of one organization cannot create another');
    }
    const args = defined({ id: body.id, name: body.name, workosId: body.workos_id });
    const { value, revision, epoch } = await roles.createOrganization(tx, args, context);
    return {
      body: toWireOrganization(value),
      location: ['organizations', value.id],
      committed: { organizationId: value.id, revision, epoch },
    };
  },
);
