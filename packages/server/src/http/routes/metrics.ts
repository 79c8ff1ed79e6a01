import { endpoints } from '@rolecall/contract';
import { publicRoute } from '../route.ts';

export const metrics = publicRoute(endpoints.metrics, async ({ metrics: { page } }) => ({
  body: await page(),
}));
