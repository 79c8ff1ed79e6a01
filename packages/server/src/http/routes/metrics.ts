import { endpoints } from '@rolecall/contract';
import { publicRoute } from '../route.ts';

export const metrics = publicRoute(endpoints.metrics, async ({ metrics: { registry } }) => ({
  body: await registry.metrics(),
}));
