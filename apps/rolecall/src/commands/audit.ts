import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { count, printable } from '../output/index.ts';
import { addAuditVerifyCommand } from './audit-verify.ts';

interface Filter {
  readonly actor?: string;
  readonly subject?: string;
  readonly action?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `rolecall audit …`: the history, and whether it is what was written. */
export function addAuditCommand(program: Command, bind: Bind): void {
  const audit = program
    .command('audit')
    .helpCommand(false)
    .description('the history of organizations');
  audit
    .command('export')
    .description('write the history as lines of JSON, oldest first')
    .argument('<org>', 'its id')
    .option('--actor <principal>', 'only what they did')
    .option('--subject <subject>', 'only what was done to it')
    .option('--action <action>', 'only this, such as role.updated')
    .option('--since <instant>', 'from this instant on, such as 2026-01-31T09:30:00Z')
    .option('--until <instant>', 'before this instant')
    .action(bind(exportHistory));
  addAuditVerifyCommand(audit, bind);
  audit
    .command('head')
    .description('write the newest hash of each history, to be kept elsewhere')
    .argument('[org]', 'its id (default: all organizations)')
    .action(bind(showHeads));
  audit
    .command('retention')
    .description('show or set how long history is kept')
    .argument('[org]', 'its id (default: the environment)')
    .option('--days <number>', 'keep it so many days', parseDays)
    .option('--forever', 'keep it for ever')
    .option('--follow', 'as the environment says')
    .action(bind(retention));
  audit
    .command('purge')
    .description(
      'remove the history that is older than it is kept; a running Rolecall does so every hour',
    )
    .action(bind(purge));
}

async function exportHistory(
  session: Session,
  [org]: readonly [string],
  query: Filter,
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const { writePieces } = await import('./write-pieces.ts');
  const api = await session.api();
  const pieces = api.download(endpoints.exportAuditEvents, { params: { org }, query });
  await writePieces(session.world.stdout, pieces);
  return undefined;
}

async function showHeads(
  session: Session,
  [org]: readonly [string | undefined],
): Promise<undefined> {
  const { withDatabase } = await import('./with-database.ts');
  const { eachAuditHead } = await import('@rolecall/server');
  await withDatabase(session, async (rolecall, { db }) => {
    const write = (organizationId: string, sequence: number, hash: string): unknown =>
      session.world.stdout.write(
        `${JSON.stringify({ organization_id: organizationId, sequence, hash })}\n`,
      );
    if (org !== undefined) {
      const { sequence, hash } = await rolecall.roles.getAuditHead(org);
      write(org, sequence, hash);
      return;
    }
    for await (const head of eachAuditHead(db)) {
      write(head.organizationId, head.sequence, head.hash);
    }
  });
  return undefined;
}

interface RetentionOptions {
  readonly days?: number;
  readonly forever?: true;
  readonly follow?: true;
}

async function retention(
  session: Session,
  [org]: readonly [string | undefined],
  { days, forever, follow }: RetentionOptions,
): Promise<undefined> {
  const { withDatabase } = await import('./with-database.ts');
  const wanted = days ?? (forever ? null : follow && org !== undefined ? 'environment' : undefined);
  const kept = await withDatabase(session, async ({ roles }) => {
    if (org === undefined) {
      if (wanted === undefined || wanted === 'environment')
        return roles.getEnvironmentAuditRetention();
      return roles.setEnvironmentAuditRetention({ days: wanted });
    }
    if (wanted !== undefined) await roles.setAuditRetention(org, { days: wanted });
    return (await roles.getAuditRetention(org)).days;
  });
  const whose = org === undefined ? 'history' : `the history of ${printable(org)}`;
  session.output.answer({ days: kept }, () =>
    kept === null ? `${whose} is kept for ever` : `${whose} is kept for ${count(kept, 'day')}`,
  );
  return undefined;
}

async function purge(session: Session): Promise<undefined> {
  const { withDatabase } = await import('./with-database.ts');
  const removed = await withDatabase(session, ({ roles }) => roles.purgeHistory());
  session.output.answer({ removed }, () => `${count(removed, 'event')} removed`);
  return undefined;
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d{1,5}$/.test(text) || days < 1 || days > 36_500) {
    throw new InvalidArgumentError('It is a number from 1 to 36500.');
  }
  return days;
}
