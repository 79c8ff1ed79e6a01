import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Kept from one run to the next; whatever was changed since is compiled anew. */
const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/programs', import.meta.url));

/**
 * Starts a program of this repository in a process of its own, as `fork` does. Compiled code is kept, as `rolecall`
 * keeps it: reading some hundred files of TypeScript anew is most of what a short-lived process does.
 */
export function forkProgram(
  program: string | URL,
  args: readonly string[] = [],
  options: ForkOptions = {},
): ChildProcess {
  const env = { NODE_COMPILE_CACHE: COMPILED, ...process.env, ...options.env };
  // None of the options that the tests themselves run with.
  return fork(program, args, { execArgv: [], ...options, env });
}
