import type { Explanation, HeldGrant } from '@rolecall/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Bind, Session } from '../session/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Output, printable } from '../output/index.ts';
import { heldGrantLine } from './grant-lines.ts';
import { readRoleNames, type RoleNames } from './role-names.ts';

type Question = readonly [org: string, principal: string, scope: string, resource: string];
type Dimensions = Readonly<Record<string, string>>;
type Decision = Pick<Explanation['decision'], 'allowed' | 'reason' | 'enforced'>;

const SHOWN = 5;

interface Options {
  readonly dimension?: Dimensions;
  readonly consistency?: 'cached' | 'strong';
}

/** `rolecall check` and `explain`: may they, and why. */
export function addAccessCommands(program: Command, bind: Bind): void {
  addQuestion(
    program.command('check').description('ask whether something is allowed: exit 0 or 10'),
  ).action(bind(check));
  addQuestion(
    program.command('explain').description('ask why it is allowed or not, in words'),
  ).action(bind(explain));
}

function addQuestion(command: Command): Command {
  return command
    .argument('<org>', 'the id of the organization')
    .argument('<principal>', 'who asks: user:<id>; in explain also role:organization:<uuid>')
    .argument('<scope>', 'what for: project:read')
    .argument('<resource>', 'the id of the one resource it is about')
    .option('--dimension <name=value>', 'a further key of the check', parseDimension)
    .addOption(
      new Option('--consistency <mode>', 'how fresh the state is that answers')
        .choices(['cached', 'strong'])
        .default('cached'),
    )
    .addHelpText('after', '\nExample:\n  rolecall check hc user:hc-u1 project:read p2');
}

async function check(
  session: Session,
  [org, principal, scope, resource_id]: Question,
  { dimension: dimensions, consistency: mode = 'cached' }: Options,
): Promise<typeof exitCodes.done | typeof exitCodes.denied> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const body = { principal, checks: [{ scope, resource_id, dimensions }], consistency: { mode } };
  const answer = await api.call(endpoints.check, { params: { org }, body });
  const [decision] = answer.value.decisions;
  session.output.answer(answer.body, () =>
    decision === undefined ? '' : verdictLine(decision, session.output),
  );
  return answer.value.allowed ? exitCodes.done : exitCodes.denied;
}

async function explain(
  session: Session,
  [org, principal, scope, resource_id]: Question,
  { dimension: dimensions, consistency: mode = 'cached' }: Options,
): Promise<undefined> {
  const { endpoints } = await import('@rolecall/contract');
  const api = await session.api();
  const body = { principal, check: { scope, resource_id, dimensions }, consistency: { mode } };
  const answer = await api.call(endpoints.explain, { params: { org }, body });
  const { output } = session;
  if (output.json) output.answer(answer.body, () => '');
  else {
    const names = await readRoleNames(session, org);
    output.answer(answer.body, () => renderExplanation(answer.value, names, output));
  }
  return undefined;
}

function verdictLine(decision: Decision, { style }: Pick<Output, 'style'>): string {
  const word = decision.allowed ? style.good('allowed') : style.bad('denied');
  const reason = style.dim(decision.reason);
  if (decision.enforced === undefined) return `${word}  ${reason}`;
  const would = decision.enforced.allowed ? 'allowed' : 'denied';
  return `${word}  ${reason}\n${style.dim(`enforced: ${would}  ${decision.enforced.reason}`)}`;
}

function renderExplanation(explanation: Explanation, names: RoleNames, output: Output): string {
  const { style } = output;
  const { decision, sentences, near_misses } = explanation;
  const inWords = (text: string): string => printable(names.inText(text));
  const grantLines = (grants: readonly HeldGrant[]): readonly string[] =>
    grants.map((grant) => heldGrantLine(grant, output, names.inText(grant.principal)));
  const section = (title: string, lines: readonly string[]): readonly string[] => {
    if (lines.length === 0) return [];
    const rest = lines.length - SHOWN;
    const more =
      rest > 0 ? [style.dim(`and ${rest.toLocaleString('en-US')} more, with --json`)] : [];
    return [
      '',
      style.dim(title),
      ...[...lines.slice(0, SHOWN), ...more].map((line) => `  ${line}`),
    ];
  };
  return [
    verdictLine(decision, output),
    ...sentences.map(inWords),
    // What decided is in the sentences; this is what would have, and what almost did.
    ...section('outweighed', decision.allowed ? [] : grantLines(decision.matched)),
    ...section('would deny, if the check named more', grantLines(decision.undetermined)),
    ...section(
      'almost',
      near_misses.map(({ sentence }) => inWords(sentence)),
    ),
  ].join('\n');
}

function parseDimension(text: string, before: Dimensions = {}): Dimensions {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('It is a name and a value, as in tool=search.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
