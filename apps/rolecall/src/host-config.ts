import type { Policy } from '@rolecall/policy';

/** What `rolecall.config.ts` settles: the part of the configuration that is code. */
export interface HostConfig {
  /** The access model of the host; the built-in one when it is absent. */
  readonly policy?: Policy;
}

/** Marks the default export of `rolecall.config.ts`, so that the editor knows what belongs there. */
export function defineConfig(config: HostConfig): HostConfig {
  return config;
}
