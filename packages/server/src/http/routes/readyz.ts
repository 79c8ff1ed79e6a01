import { endpoints } from '@rolecall/contract';
import { outage } from '../../errors/index.ts';
import { publicRoute } from '../route.ts';

export const readyz = publicRoute(endpoints.readyz, async ({ isReady, isShuttingDown }) => {
  if (isShuttingDown()) throw outage('shutting_down', 'this process is shutting down', 1);
  await isReady();
  return { body: { status: 'ok' as const } };
});
