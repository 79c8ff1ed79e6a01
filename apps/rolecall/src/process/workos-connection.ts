import type { WorkosConnection } from '@rolecall/server';
import type { Config } from '../config.ts';

/** WorkOS itself, where nothing else was named. */
export const WORKOS_URL = 'https://api.workos.com';

/** Said where no WorkOS is named. */
export const notKeptEqual = 'WorkOS is not kept equal: WORKOS_API_KEY is not set';

/** The WorkOS that the environment names; nothing where it names none. */
export function connectionOf({ workos }: Pick<Config, 'workos'>): WorkosConnection | undefined {
  if (workos === undefined) return undefined;
  const { apiKey, apiUrl, webhookSecrets } = workos;
  return { apiKey, webhookSecrets, ...(apiUrl !== undefined && { apiUrl }) };
}
