import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtinPolicy, type Policy, PolicyError } from '@rolecall/policy';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** The policy that holds, and the file it came from; none for the built-in one. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly file: string | undefined;
}

const names = ['rolecall.config.ts', 'rolecall.config.mts', 'rolecall.config.js'] as const;

/**
 * Loads the host's policy from `file`, or from the `rolecall.config.ts` of `directory`; the built-in
 * policy when there is neither. Throws a `CliError` that names the file.
 */
export async function loadPolicy(directory: string, file?: string): Promise<LoadedPolicy> {
  const path = file === undefined ? findConfigFile(directory) : resolve(directory, file);
  if (path === undefined) return { policy: builtinPolicy, file: undefined };
  if (!existsSync(path)) throw configFileError(path, 'there is no such file');
  const config = defaultExportOf(await importFile(path));
  if (!isObject(config)) {
    throw configFileError(path, 'it has no default export made by `defineConfig({ policy })`');
  }
  const policy = config['policy'];
  if (policy === undefined) return { policy: builtinPolicy, file: path };
  if (!isPolicy(policy)) {
    throw configFileError(path, 'its `policy` was not made by `definePolicy`');
  }
  return { policy, file: path };
}

function findConfigFile(directory: string): string | undefined {
  return names.map((name) => join(directory, name)).find((path) => existsSync(path));
}

async function importFile(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    if (cause instanceof PolicyError) {
      throw configFileError(path, cause.message, 'the policy is explained in docs/access-model.md');
    }
    throw configFileError(
      path,
      cause instanceof Error ? cause.message : String(cause),
      undefined,
      cause,
    );
  }
}

function defaultExportOf(module: unknown): unknown {
  return isObject(module) ? module['default'] : undefined;
}

// The file is the host's, and may have been run without ever being type-checked.
function isPolicy(value: unknown): value is Policy {
  return (
    isObject(value) &&
    Array.isArray(value['scopes']) &&
    isObject(value['system_roles']) &&
    value['byName'] instanceof Map
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function configFileError(path: string, why: string, advice?: string, cause?: unknown): CliError {
  return new CliError(
    exitCodes.usage,
    'invalid_configuration',
    `cannot use the configuration file \`${path}\`: ${why}`,
    { advice, cause },
  );
}
