import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Bind } from '../session/index.ts';
import {
  backfill,
  cutOver,
  importTable,
  purge,
  rollBack,
  settle,
  showStatus,
  verify,
} from './legacy/index.ts';

/** `rolecall legacy`: the road from grants keyed by the slugs of roles to grants keyed by their ids. */
export function addLegacyCommands(program: Command, bind: Bind): void {
  const legacy = program
    .command('legacy')
    .description('bring over grants keyed by role slugs; works on the database itself')
    .addHelpText('after', '\nThe steps, in their order: docs/legacy.md');
  legacy
    .command('status')
    .description('what is left to bring over, and what cannot be mapped and why')
    .action(bind(showStatus));
  legacy
    .command('import')
    .description('take in a table of grants by principal: safe to repeat')
    .requiredOption('--from <url>', 'the PostgreSQL that has the table')
    .option('--table <name>', 'the table, with its schema if need be', 'principal_grants')
    .option('--dry-run', 'only read the table and say what is in it')
    .addHelpText(
      'after',
      '\nThe table has the columns organization_id, principal_urn, scope, effect, selectors.',
    )
    .action(bind(importTable));
  legacy
    .command('backfill')
    .description('key by role ids what is keyed by slugs; says what it would do unless --apply')
    .option('--apply', 'do it')
    .option('--org <org>', 'in this organization alone')
    .addOption(
      new Option('--batch-size <rows>', 'rows a transaction').default(2_000).argParser(readCount),
    )
    .action(bind(backfill));
  legacy
    .command('verify')
    .description('compare every decision before and after; exit code 1 when any differs')
    .option('--org <org>', 'in this organization alone')
    .action(bind(verify));
  legacy
    .command('settle')
    .description('decide about grants whose slug names no role')
    .argument('<org>', 'the organization')
    .argument('<slug>', 'the slug that they are keyed by')
    .addOption(new Option('--role <id>', 'give them to this role').conflicts('delete'))
    .option('--delete', 'delete them')
    .action(bind(settle));
  legacy
    .command('cut-over')
    .description('read one key from now on; refused while anything is left')
    .action(bind(cutOver));
  legacy
    .command('roll-back')
    .description('take the cut-over back, as long as nothing is purged')
    .action(bind(rollBack));
  legacy
    .command('purge')
    .description('delete for good what was keyed by slugs')
    .option('--yes', 'there is no way back from it')
    .action(bind(purge));
}

function readCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
}
