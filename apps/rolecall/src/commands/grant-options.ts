import type { Role } from '@rolecall/contract';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

type Grant = Role['grants'][number];

/** The ways to write grants on a command line. */
export interface GrantOptions {
  readonly grant?: readonly string[];
  readonly deny?: readonly string[];
  readonly grants?: string;
}

/** Adds the options that name grants. */
export function addGrantOptions(command: Command): Command {
  return command
    .option('--grant <scope[@resource]>', 'allow a scope on a resource, or everywhere', collect)
    .option('--deny <scope[@resource]>', 'deny a scope on a resource, or everywhere', collect)
    .option('--grants <file>', 'grants with dimensions, as JSON in the form of the API');
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/**
 * The grants that the options name; nothing when they name none. Throws a `CliError` for a file that
 * cannot be read; what is in it is for the API to judge.
 */
export async function readGrants(options: GrantOptions): Promise<Grant[] | undefined> {
  const { grant = [], deny = [], grants: file } = options;
  if (grant.length + deny.length === 0 && file === undefined) return undefined;
  return [
    ...grant.map((text) => parseGrant('allow', text)),
    ...deny.map((text) => parseGrant('deny', text)),
    ...(file === undefined ? [] : await readGrantsFile(file)),
  ];
}

/** `project:read@website`: everything after the first `@` is the id, which may hold further ones. */
function parseGrant(effect: 'allow' | 'deny', text: string): Grant {
  const at = text.indexOf('@');
  if (at === -1) return { scope: text, effect };
  const scope = text.slice(0, at);
  const [resource_kind = ''] = scope.split(':');
  return { scope, effect, selectors: [{ resource_kind, resource_id: text.slice(at + 1) }] };
}

async function readGrantsFile(file: string): Promise<Grant[]> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!Array.isArray(content)) throw new SyntaxError('it is not a list of grants');
    return content as Grant[];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(
      exitCodes.usage,
      'unreadable_file',
      `cannot read grants from \`${file}\`: ${why}`,
    );
  }
}
