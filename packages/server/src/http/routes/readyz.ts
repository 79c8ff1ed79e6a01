import { endpoints } from '@rolecall/contract';
import { outage } from '../../errors/index.ts';
import { publicRoute } from '../route.ts';
import { toWireReport } from '../wire/index.ts';

export const readyz = publicRoute(endpoints.readyz, async (service) => {
  const { access, isReady, isShuttingDown } = service;
  if (isShuttingDown()) throw outage('shutting_down', 'this process is shutting down', 1);
  await isReady();
  return { body: { status: 'ok' as const, ...toWireReport(access.report()) } };
});
