import { endpoints } from '@rolecall/contract';
import { publicRoute } from '../route.ts';

export const healthz = publicRoute(endpoints.healthz, () =>
  Promise.resolve({ body: { status: 'ok' as const } }),
);
