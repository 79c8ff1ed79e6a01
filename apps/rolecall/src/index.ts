/** What a `rolecall.config.ts` imports. */
export { defineConfig, type HostConfig } from './host-config.ts';
