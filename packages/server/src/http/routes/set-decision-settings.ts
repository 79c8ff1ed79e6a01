import { endpoints } from '@rolecall/contract';
import { writeDecisionSettings } from '../../decisions/index.ts';
import { requireEnvironmentKey } from '../authentication.ts';
import { defined } from '../defined.ts';
import { writeRoute } from '../route.ts';
import { toWireDecisionSettings } from '../wire/index.ts';

export const setDecisionSettings = writeRoute(
  endpoints.setDecisionSettings,
  async ({ tx, body, apiKey, context }) => {
    requireEnvironmentKey(apiKey);
    const { retention_days: retentionDays, allow_sample_rate: allowSampleRate } = body;
    const change = defined({ retentionDays, allowSampleRate });
    return { body: toWireDecisionSettings(await writeDecisionSettings(tx, change, context)) };
  },
);
