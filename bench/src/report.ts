import { type Chart } from './chart.ts';
import { type Target } from './target.ts';

/** A table as text: figures are rounded and have units. */
export interface Table {
  readonly caption?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What one suite found: tables with a reading aid. */
export interface Result extends Table {
  readonly name: string;
  readonly title: string;
  /** What was measured and against what, in a few sentences. */
  readonly method: string;
  /** Tables beside the first one. */
  readonly more?: readonly Table[];
  readonly charts?: readonly Chart[];
  readonly targets?: readonly Target[];
  /** What the figures say beyond the targets. */
  readonly reading: readonly string[];
  /** Of what Rolecall is compared to. */
  readonly versions?: Readonly<Record<string, string>>;
  readonly machine: Machine;
  readonly measuredOn: string;
  /** How busy the machine was when it began: the load average of the minute before. */
  readonly loadAverage?: number;
  readonly tookSeconds?: number;
}

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres?: string | undefined;
}

/** Suites whose last run failed, with what they said. */
export type Failures = Readonly<Record<string, string>>;

/** `docs/benchmarks.md`, made from every stored result and from nothing else. */
export function renderReport(results: readonly Result[], failures: Failures): string {
  return `# Benchmarks

Every figure here was measured by \`npm run bench\`, side by side with what it is compared to, in one run, on
the machine named beside it. Ratios carry over to other machines better than times do. The stored results
are in \`bench/results/\`; this page and its plots are made from them, and from nothing else.

${[...targets(results), ...failed(failures), ...results.map((result) => section(result))].join('\n')}`;
}

/** The file of a chart, below `docs/`. */
export function chartFile(result: Result, index: number): string {
  return `benchmarks/${result.name}${index === 0 ? '' : `-${String(index + 1)}`}.svg`;
}

function section(result: Result): string {
  const { name, title, method, reading, charts = [], more = [] } = result;
  const plots = charts.map((chart, index) => `\n![${chart.title}](${chartFile(result, index)})\n`);
  return `## ${title}

${method}

\`npm run bench ${name}\` · ${result.measuredOn} · ${circumstances(result)}

${[result, ...more].map(table).join('\n\n')}
${plots.join('')}${[...upperBounds(result), ...reading].map((line) => `\n- ${line}`).join('')}
`;
}

function circumstances({ machine, versions = {}, loadAverage, tookSeconds }: Result): string {
  const { cpu, cores, memoryGiB, system, node, postgres } = machine;
  return [
    `${cpu}, ${String(cores)} cores, ${String(memoryGiB)} GiB, ${system}, Node ${node}`,
    ...(postgres === undefined ? [] : [`PostgreSQL ${postgres}`]),
    ...Object.entries(versions).map(([what, version]) => `${what} ${version}`),
    ...(loadAverage === undefined ? [] : [`load average ${loadAverage.toFixed(1)} at the start`]),
    ...(tookSeconds === undefined ? [] : [`took ${String(tookSeconds)} s`]),
  ].join(', ');
}

function upperBounds({ loadAverage = 0, machine }: Result): readonly string[] {
  return [
    ...(loadAverage > machine.cores * 0.75
      ? ['Measured while other work ran on the machine: read the times as upper bounds.']
      : []),
  ];
}

function targets(results: readonly Result[]): readonly string[] {
  const all = results.flatMap((result) => result.targets ?? []);
  if (all.length === 0) return [];
  const rows = all.map(({ work, target, found, reached }) => [
    work,
    target,
    found,
    reached ? 'yes' : '**no**',
  ]);
  const missed = all.filter(({ reached }) => !reached);
  const lines = missed.map(
    ({ work, found, target, why }) =>
      `- **${work}**: ${found} where ${target} was aimed at. ${why ?? 'Not explained yet.'}`,
  );
  return [
    `## What was aimed at, and what is reached

${table({ columns: ['work', 'target', 'found', 'reached'], rows })}
`,
    `## Where the target is not reached, and why

${lines.length === 0 ? 'Nowhere in these results.' : lines.join('\n')}
`,
  ];
}

function failed(failures: Failures): readonly string[] {
  const lines = Object.entries(failures).map(([name, said]) => `- \`${name}\`: ${said}`);
  if (lines.length === 0) return [];
  return [`## Suites that failed the last time\n\n${lines.join('\n')}\n`];
}

function table({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lines = [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
  return [...(caption === undefined ? [] : [`${caption}\n`]), ...lines].join('\n');
}
