import type { DecisionSettings, LoggedDecision } from '@rolecall/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { type Column, renderFacts, renderTable, shortTime } from '../output/index.ts';
import { addListOptions, footer, type ListOptions, readListing } from './paging.ts';

const columns: readonly Column<LoggedDecision>[] = [
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
  { title: 'PRINCIPAL', value: ({ principal }) => principal, shrinks: true },
  { title: 'SCOPE', value: ({ scope }) => scope },
  { title: 'RESOURCE', value: ({ resource_id }) => resource_id, shrinks: true },
  { title: 'REASON', value: ({ reason }) => reason },
  { title: 'TIMES', value: ({ count }) => count.toLocaleString('en-US'), align: 'right' },
  { title: 'LAST', value: ({ last_at }) => shortTime(last_at) },
];

/** What a list of decisions is narrowed by. */
export interface DecisionOptions extends ListOptions {
  readonly principal?: string;
  readonly scope?: string;
  readonly resource?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Adds what a list of decisions can be narrowed by. */
export function addDecisionOptions(command: Command): Command {
  return addListOptions(command, { search: false })
    .option('--principal <principal>', 'of one principal, such as user:alice')
    .option('--scope <scope>', 'of one scope')
    .option('--resource <id>', 'about one resource')
    .option('--since <day>', 'from this day on, such as 2026-01-31, in UTC')
    .option('--until <day>', 'to the end of this day');
}

/** The filters as the API names them. */
export function decisionQuery(options: DecisionOptions): Record<string, string> {
  const { principal, scope, resource, since, until } = options;
  const given = Object.entries({ principal, scope, resource_id: resource, since, until });
  return Object.fromEntries(
    given.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** `rolecall decisions …`: what was denied, and how much of it is kept. */
export function addDecisionsCommand(program: Command, bind: Bind): void {
  const decisions = program
    .command('decisions')
    .helpCommand(false)
    .description('the log of decisions: what was denied');
  addDecisionOptions(
    decisions.command('list').description('list what was denied, or allowed').argument('<org>'),
  )
    .addOption(
      new Option('--outcome <outcome>', 'of one outcome').choices([
        'denied',
        'would_deny',
        'allowed',
      ]),
    )
    .action(bind(listDecisions));
  decisions
    .command('settings')
    .description('show how much is kept, or change it')
    .option('--retention-days <days>', 'how many days are kept', parseNumber)
    .option('--allow-sample-rate <share>', 'which share of what is allowed: 0 to 1', parseNumber)
    .action(bind(settings));
}

async function listDecisions(
  session: Session,
  [org]: readonly [string],
  options: DecisionOptions & { outcome?: LoggedDecision['outcome'] },
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const { outcome } = options;
  const filter = { ...decisionQuery(options), ...(outcome !== undefined && { outcome }) };
  const { page, body } = await readListing(options, (query) =>
    api.call(endpoints.listDecisions, { params: { org }, query: { ...query, ...filter } }),
  );
  output.answer(body, () => {
    if (page.data.length === 0) return 'no decisions';
    return `${renderTable(columns, page.data, output)}\n${footer(page, 'question', output.style)}`;
  });
  return undefined;
}

async function settings(
  session: Session,
  _args: readonly [],
  options: { retentionDays?: number; allowSampleRate?: number },
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { retentionDays: retention_days, allowSampleRate: allow_sample_rate } = options;
  const changes = retention_days !== undefined || allow_sample_rate !== undefined;
  const answer = changes
    ? await api.call(endpoints.setDecisionSettings, { body: { retention_days, allow_sample_rate } })
    : await api.call(endpoints.getDecisionSettings, {});
  const { output } = session;
  output.answer(answer.body, () => renderFacts(factsOf(answer.value), output.style));
  return undefined;
}

function factsOf(settings: DecisionSettings): [string, string][] {
  return [
    ['days kept', String(settings.retention_days)],
    ['allowed, kept', `${(settings.allow_sample_rate * 100).toLocaleString('en-US')} %`],
    ['denied, kept', '100 %'],
  ];
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('It is a number.');
  return value;
}
