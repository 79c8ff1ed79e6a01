import type { ShadowedDecision } from '@rolecall/contract';
import type { Command } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { type Column, renderTable } from '../output/index.ts';
import { addDecisionOptions, type DecisionOptions, decisionQuery } from './decisions.ts';
import { heldGrantLine } from './grant-lines.ts';
import { footer, readListing } from './paging.ts';

/** `rolecall org report`: whom enforcement would deny what. */
export function addReportCommand(org: Command, bind: Bind): void {
  addDecisionOptions(
    org
      .command('report')
      .description('show what shadow let pass and enforcement would deny')
      .argument('<org>', 'its id'),
  ).action(bind(report));
}

async function report(
  session: Session,
  [org]: readonly [string],
  options: DecisionOptions,
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const { output } = session;
  const { page, body } = await readListing(options, (query) =>
    api.call(endpoints.reportShadow, {
      params: { org },
      query: { ...query, ...decisionQuery(options) },
    }),
  );
  const columns: readonly Column<ShadowedDecision>[] = [
    { title: 'PRINCIPAL', value: ({ principal }) => principal, shrinks: true },
    { title: 'ASKED', value: ({ scope, resource_id }) => `${scope} ${resource_id}`, shrinks: true },
    { title: 'TIMES', value: ({ count }) => count.toLocaleString('en-US'), align: 'right' },
    { title: 'NOW', value: ({ now }) => now },
    {
      title: 'WOULD HELP',
      value: ({ missing, advice }) => helpOf(missing) ?? advice,
      shrinks: true,
    },
  ];
  output.answer(body, () => {
    if (page.data.length === 0) return 'nobody would have been denied anything';
    const byCount = page.data.toSorted((one, other) => other.count - one.count);
    return `${renderTable(columns, byCount, output)}\n${footer(page, 'question', output.style)}`;
  });
  return undefined;
}

/** The smallest grant as a line without colours, which a table could not measure. */
function helpOf(missing: ShadowedDecision['missing']): string | undefined {
  const plain = (text: string): string => text;
  const style = { bold: plain, dim: plain, good: plain, bad: plain };
  return missing && heldGrantLine(missing, { style });
}
