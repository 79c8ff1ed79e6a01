/** What one suite found: a table with a reading aid. Figures are text, already rounded and with units. */
export interface Result {
  readonly name: string;
  readonly title: string;
  /** What was measured and against what, in a few sentences. */
  readonly method: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the figures say, and where a target is missed, why. */
  readonly reading: readonly string[];
  readonly machine: Machine;
  readonly measuredOn: string;
}

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
}

/** `docs/benchmarks.md`, made from every stored result and from nothing else. */
export function renderReport(results: readonly Result[]): string {
  const sections = results.map(
    (result) => `## ${result.title}

${result.method}

\`npm run bench ${result.name}\` · ${result.measuredOn} · ${describe(result.machine)}

${table(result.columns, result.rows)}
${result.reading.map((line) => `\n- ${line}`).join('')}
`,
  );
  return `# Benchmarks

Every figure here was measured by \`npm run bench\`, side by side with what it is compared to, in one run, on
the machine named beside it. Ratios carry over to other machines better than times do. The stored results
are in \`bench/results/\`; this page is made from them.

${sections.join('\n')}`;
}

function describe(machine: Machine): string {
  const { cpu, cores, memoryGiB, system, node, postgres } = machine;
  return `${cpu}, ${String(cores)} cores, ${String(memoryGiB)} GiB, ${system}, Node ${node}, PostgreSQL ${postgres}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
