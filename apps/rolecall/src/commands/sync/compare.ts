import type { Command } from 'commander';
import { exitCodes } from '../../exit-codes.ts';
import { createSteps, printable } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';
import { renderDrift } from './drift-table.ts';
import { untilCompared } from './until-compared.ts';

interface ApplyOptions {
  readonly apply?: boolean;
}

/** `rolecall sync drift | repair`: comparing an organization as a whole, and having it mended. */
export function addCompareCommands(sync: Command, bind: Bind): void {
  sync
    .command('drift')
    .description('compare an organization with WorkOS and show what differs: exit 0 or 11')
    .argument('<org>')
    .action(bind(showDrift));
  sync
    .command('repair')
    .description('have what differs in an organization mended; only shown without --apply')
    .argument('<org>')
    .option('--apply', 'do it, and wait until it is done')
    .action(bind(repair));
}

async function showDrift(session: Session, [org]: readonly [string]): Promise<Outcome> {
  return repair(session, [org], {});
}

async function repair(
  session: Session,
  [org]: readonly [string],
  { apply = false }: ApplyOptions,
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const { value, body } = await createSteps(output).run(
    'Comparing with WorkOS',
    () => api.call(endpoints.repairSync, { params: { org }, body: { dry_run: !apply } }),
    () => undefined,
  );
  if (apply) await untilCompared(session, api, [org]);
  output.answer(body, () => {
    const shown = renderDrift(value, output);
    if (value.total === 0) return shown;
    const { style } = output;
    return apply
      ? `${shown}\n${style.good('✓')} mended; what waits for a person is in \`rolecall sync entities --org ${printable(org)}\``
      : `${shown}\n${style.dim(`mend it with: npx rolecall sync repair ${printable(org)} --apply`)}`;
  });
  return apply || value.total === 0 ? undefined : exitCodes.differs;
}
