/** Commands ask a running Rolecall over HTTP, as any other client does. */
export { type Answer, type ApiClient, createApiClient } from './api-client.ts';
