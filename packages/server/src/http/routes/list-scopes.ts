import { endpoints } from '@rolecall/contract';
import { readRoute } from '../route.ts';
import { toWireCatalogue } from '../wire/index.ts';

export const listScopes = readRoute(endpoints.listScopes, ({ service }) =>
  Promise.resolve({ body: toWireCatalogue(service.policy) }),
);
