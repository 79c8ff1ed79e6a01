import { openWorkos, type Workos, type WorkosOptions } from '../../workos/index.ts';

/**
 * WorkOS for tests: a call that was not answered is waited for no longer than it can take where none ever waits for the
 * budget.
 */
export function openHurriedWorkos(options: WorkosOptions): Workos {
  const timeoutMs = options.timeoutMs ?? 1_000;
  const workos = openWorkos({ ...options, timeoutMs });
  return { ...workos, port: { ...workos.port, longestCallMs: timeoutMs + 500 } };
}
