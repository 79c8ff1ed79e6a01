import type { Argument, Command, Option } from 'commander';
import { exitCodeMeanings } from '../exit-codes.ts';

/** The command line as a page of Markdown, made from the program itself. */
export function renderReference(program: Command): string {
  return [
    '# Command line',
    '',
    `${program.description()}.`,
    '',
    'This page is generated from the program with `npm run docs:cli -w apps/rolecall`; a test fails when',
    'it is stale. In the repository, write `npx rolecall …`.',
    '',
    '## Every command',
    '',
    ...optionTable(program.options),
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| ---: | --- |',
    ...exitCodeMeanings.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    ...program.commands.flatMap((command) => section(command, program.name(), 2)),
  ].join('\n');
}

function section(command: Command, parent: string, depth: number): readonly string[] {
  const name = `${parent} ${command.name()}`;
  const usage = [name, ...command.registeredArguments.map(argumentTerm)].join(' ');
  return [
    `${'#'.repeat(depth)} \`${command.commands.length > 0 ? `${name} …` : usage}\``,
    '',
    `${capitalized(command.description())}.`,
    '',
    ...argumentTable(command.registeredArguments),
    ...(command.options.length > 0 ? [...optionTable(command.options), ''] : []),
    ...command.commands.flatMap((child) => section(child, name, depth + 1)),
  ];
}

function argumentTable(args: readonly Argument[]): readonly string[] {
  const described = args.filter(({ description }) => description !== '');
  if (described.length === 0) return [];
  const rows = described.map(
    (argument) =>
      `| \`${argumentTerm(argument)}\` | ${describe(argument.description, argument.argChoices)} |`,
  );
  return ['| argument | |', '| --- | --- |', ...rows, ''];
}

function optionTable(options: readonly Option[]): readonly string[] {
  const rows = options
    .filter(({ hidden }) => !hidden)
    .map((option) => {
      const fallback: unknown = option.defaultValue;
      const preset = typeof fallback === 'string' ? ` (default: ${fallback})` : '';
      return `| \`${option.flags}\` | ${describe(option.description, option.argChoices)}${preset} |`;
    });
  return ['| option | |', '| --- | --- |', ...rows];
}

function describe(text: string, choices: readonly string[] | undefined): string {
  const listed = choices === undefined ? '' : choices.map((choice) => `\`${choice}\``).join(', ');
  return [text.replaceAll('|', '\\|'), listed].filter((part) => part !== '').join(': ');
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
