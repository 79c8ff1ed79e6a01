import type { SyncDrift } from '@rolecall/contract';
import type { Command } from 'commander';
import type { ApiClient } from '../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count, createProgress, createSteps, printable } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';
import { pages } from '../paging.ts';
import { renderDrift } from './drift-table.ts';
import { untilCompared } from './until-compared.ts';

interface ApplyOptions {
  readonly apply?: boolean;
}

/** `rolecall sync drift | repair | backfill`: comparing as a whole, and having it mended. */
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
  sync
    .command('backfill')
    .description('compare every linked organization, or those named; only shown without --apply')
    .argument('[org...]')
    .option('--apply', 'have what differs mended, and wait until it is done')
    .action(bind(backfill));
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

interface Backfilled {
  readonly organization_id: string;
  readonly compared: number;
  readonly differs: number;
  /** Why it could not be compared; the others were all the same. */
  readonly problem: string | null;
}

async function backfill(
  session: Session,
  [named]: readonly [readonly string[]],
  { apply = false }: ApplyOptions,
): Promise<Outcome> {
  const api = await session.api();
  const { output } = session;
  const ids = named.length > 0 ? named : await linkedOrganizations(api);
  const progress = await createProgress(output, { doing: 'Comparing', total: ids.length });
  const results: Backfilled[] = [];
  try {
    for (const id of ids) {
      results.push(await compareOne(api, id, apply));
      progress.advance(results.length);
    }
  } finally {
    progress.stop();
  }
  const done = results.filter(({ problem }) => problem === null).map((one) => one.organization_id);
  if (apply) await untilCompared(session, api, done);
  const differs = results.reduce((sum, one) => sum + one.differs, 0);
  const failed = results.filter(({ problem }) => problem !== null);
  output.answer({ applied: apply, organizations: results }, () => {
    const { style } = output;
    const compared = count(done.length, 'organization');
    const lines = failed.map(
      (one) =>
        `${style.bad('✗')} ${printable(one.organization_id)}: ${printable(one.problem ?? '')}`,
    );
    const differing = results
      .filter((one) => one.differs > 0)
      .map(
        (one) =>
          `${style.warning('!')} ${printable(one.organization_id)}: ${count(one.differs, 'difference')}`,
      );
    const end = `${compared} compared, ${count(differs, 'difference')}${apply ? ', mended' : ''}`;
    const hint = !apply && differs > 0 ? [style.dim('mend them with --apply')] : [];
    return [...lines, ...differing, end, ...hint].join('\n');
  });
  if (failed.length > 0) return exitCodes.refused;
  return apply || differs === 0 ? undefined : exitCodes.differs;
}

async function compareOne(api: ApiClient, org: string, apply: boolean): Promise<Backfilled> {
  const { endpoints } = await import('@rolecall/contract');
  const result = (value: Pick<SyncDrift, 'compared' | 'total'>, problem: string | null) => ({
    organization_id: org,
    compared: value.compared,
    differs: value.total,
    problem,
  });
  try {
    const call = { params: { org }, body: { dry_run: !apply } };
    return result((await api.call(endpoints.repairSync, call)).value, null);
  } catch (error) {
    // One that is gone in WorkOS does not keep the others from being compared.
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.refused) throw error;
    return result({ compared: 0, total: 0 }, error.message);
  }
}

async function linkedOrganizations(api: ApiClient): Promise<readonly string[]> {
  const { endpoints } = await import('@rolecall/contract');
  const linked: string[] = [];
  for await (const page of pages((query) => api.call(endpoints.listOrganizations, { query }))) {
    linked.push(...page.filter((org) => org.workos_id !== null).map((org) => org.id));
  }
  return linked;
}
