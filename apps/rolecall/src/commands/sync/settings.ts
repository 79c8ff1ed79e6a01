import type { SyncSettings } from '@rolecall/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { count, renderFacts } from '../../output/index.ts';
import type { Bind, Outcome, Session } from '../../session/index.ts';

interface Options {
  readonly mode?: SyncSettings['mode'];
  readonly observeOnly?: boolean;
  readonly brakeCount?: number;
  readonly brakePercent?: number;
  readonly retentionDays?: number;
  readonly marker?: boolean;
}

/** `rolecall sync settings | release` */
export function addSettingsCommands(sync: Command, bind: Bind): void {
  sync
    .command('settings')
    .description('show or change what holds for the whole environment')
    .addOption(
      new Option(
        '--mode <mode>',
        'a change in the WorkOS dashboard to what Rolecall owns is taken over, or put back',
      ).choices(['adopt', 'enforce']),
    )
    .option('--observe-only <yes|no>', 'look at everything and send nothing', yesOrNo)
    .option('--brake-count <number>', 'removals in an hour that pass without asking', wholeNumber)
    .option('--brake-percent <number>', 'or so many of a hundred, whichever is more', wholeNumber)
    .option('--retention-days <number>', 'how long WorkOS keeps events', wholeNumber)
    .option('--marker <yes|no>', 'leave a mark in WorkOS that shows a restored database', yesOrNo)
    .action(bind(settings));
  sync
    .command('release')
    .description('say that a removal of very many, which was held back, is meant')
    .argument('<org>')
    .addOption(
      new Option('--direction <way>', 'one way only').choices(['to_workos', 'from_workos']),
    )
    .action(bind(release));
}

async function settings(session: Session, _args: readonly [], options: Options): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const change = {
    ...(options.mode !== undefined && { mode: options.mode }),
    ...(options.observeOnly !== undefined && { observe_only: options.observeOnly }),
    ...(options.brakeCount !== undefined && { brake_count: options.brakeCount }),
    ...(options.brakePercent !== undefined && { brake_percent: options.brakePercent }),
    ...(options.retentionDays !== undefined && { retention_days: options.retentionDays }),
    ...(options.marker !== undefined && { marker: options.marker }),
  };
  const { value, body } =
    Object.keys(change).length === 0
      ? await api.call(endpoints.getSyncSettings, {})
      : await api.call(endpoints.updateSyncSettings, { body: change });
  output.answer(body, () => {
    const { brake_count: most, brake_percent: percent } = value;
    const facts: readonly (readonly [string, string])[] = [
      ['mode', value.mode],
      ['observe only', value.observe_only ? 'yes: nothing is sent' : 'no'],
      ['brake', `above ${most} removals in an hour, or ${percent} % where that is more`],
      ['events', `kept by WorkOS for ${count(value.retention_days, 'day')}`],
      ['marker', value.marker ? 'yes' : 'no'],
    ];
    return renderFacts(facts, output.style);
  });
  return undefined;
}

async function release(
  session: Session,
  [org]: readonly [string],
  { direction }: { readonly direction?: 'to_workos' | 'from_workos' },
): Promise<Outcome> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const given = { params: { org }, body: direction === undefined ? {} : { direction } };
  const { value, body } = await api.call(endpoints.releaseSyncBrake, given);
  output.answer(body, () =>
    value.released === 0
      ? 'nothing was held back'
      : `${output.style.good('✓')} released, for an hour`,
  );
  return undefined;
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new InvalidArgumentError('It is yes or no.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number.');
}
