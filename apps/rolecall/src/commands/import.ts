import type { ImportResult } from '@rolecall/contract';
import type { Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import type { ApiClient } from '../client/index.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { count, createProgress, duration, printable } from '../output/index.ts';
import type { ImportFile } from './import-file.ts';

interface Options {
  readonly organization?: string;
  readonly create: boolean;
}

/** `rolecall import`: a whole organization from a file, all or nothing. */
export function addImportCommand(program: Command, bind: Bind): void {
  program
    .command('import')
    .description('import roles and members from a file: all or nothing, safe to repeat')
    .argument('<file>', 'a .json or .json.gz file, or - for stdin')
    .option('--organization <org>', 'into this organization (default: the one that the file names)')
    .option('--no-create', 'refuse when the organization does not exist')
    .addHelpText('after', '\nExample:\n  rolecall import examples/data/hc.json.gz')
    .action(bind(importFile));
}

async function importFile(
  session: Session,
  [path]: readonly [string],
  options: Options,
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const { readImportFile } = await import('./import-file.ts');
  const { output } = session;
  const api = await session.api();
  const file = await readImportFile(path, session.world.stdin);
  const org = organizationOf(file, options, path);
  const created = await ensureOrganization(api, org, file, options);
  const started = performance.now();
  const progress = await createProgress(output, { doing: 'Sending', total: file.json.length });
  try {
    const answer = await api.upload(endpoints.importOrganization, { org }, file.json, (sent) => {
      progress.advance(sent);
      if (sent === file.json.length) progress.wait(`Checking and storing ${contents(file)}`);
    });
    progress.stop();
    const took = duration(performance.now() - started);
    output.answer(answer.body, () => summary(org, { ...answer.value, created, took }, session));
    return undefined;
  } catch (error) {
    progress.stop();
    if (created) output.note(`the organization \`${printable(org)}\` was created and is empty`);
    throw error;
  }
}

function contents({ roles, members }: ImportFile): string {
  return `${count(roles, 'role')} and ${count(members, 'member')}`;
}

function organizationOf(file: ImportFile, options: Options, path: string): string {
  const org = options.organization ?? file.organizationId;
  if (org !== undefined) return org;
  throw new CliError(
    exitCodes.usage,
    'usage',
    `\`${path}\` does not say which organization it is`,
    {
      advice: 'name one with --organization',
    },
  );
}

/** Creates the organization when it is missing and may be created; true when it did. */
async function ensureOrganization(
  api: ApiClient,
  org: string,
  file: ImportFile,
  options: Options,
): Promise<boolean> {
  const { endpoints } = await import('@rolecall/contract');
  try {
    await api.call(endpoints.getOrganization, { params: { org } });
    return false;
  } catch (error) {
    const missing = error instanceof CliError && error.code === 'organization_not_found';
    if (!missing || !options.create) throw error;
  }
  const body = { id: org, name: file.organizationName ?? org };
  await api.call(endpoints.createOrganization, { body });
  return true;
}

function summary(
  org: string,
  result: ImportResult & { readonly created: boolean; readonly took: string },
  { output }: Session,
): string {
  const { style } = output;
  const head = `${style.good('✓')} ${style.bold(printable(org))} imported in ${result.took}`;
  const changes = [
    [result.roles_created, 'role', 'created'],
    [result.roles_updated, 'role', 'changed'],
    [result.grants_created, 'grant', 'created'],
    [result.members_created, 'member', 'created'],
    [result.members_updated, 'member', 'changed'],
    [result.assignments_created, 'assignment', 'created'],
  ] as const;
  const lines = changes
    .filter(([amount]) => amount > 0)
    .map(([amount, noun, verb]) => `  ${count(amount, noun)} ${verb}`);
  return [
    result.created ? `${head} ${style.dim('as a new organization')}` : head,
    ...(lines.length === 0 ? ['  everything was there already'] : lines),
  ].join('\n');
}
