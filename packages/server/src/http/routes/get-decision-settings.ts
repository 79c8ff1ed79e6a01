import { endpoints } from '@rolecall/contract';
import { readDecisionSettings } from '../../decisions/index.ts';
import { requireEnvironmentKey } from '../authentication.ts';
import { readRoute } from '../route.ts';
import { toWireDecisionSettings } from '../wire/index.ts';

export const getDecisionSettings = readRoute(
  endpoints.getDecisionSettings,
  async ({ service, apiKey }) => {
    requireEnvironmentKey(apiKey);
    return { body: toWireDecisionSettings(await readDecisionSettings(service.database.db)) };
  },
);
