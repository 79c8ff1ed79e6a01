import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest, type TestCase } from 'vitest/node';
import { allRules } from './all-rules.ts';
import { type SafetyRule } from './rules.ts';

/*
 * Runs the tests of every safety rule with the code of that rule replaced, each rule as a project of its own of
 * one run, and writes what became of each test as JSON lines to the standard output.
 */

const server = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const root = join(server, '..', '..', '..');

/** What became of a test of a rule. */
export interface Verdict {
  readonly rule: string;
  readonly title: string;
  readonly state: string;
}

function projectOf(rule: SafetyRule): object {
  return {
    root,
    plugins: [{ name: nameOf(rule), enforce: 'pre' as const, transform: switchOff(rule) }],
    test: {
      name: rule.name,
      include: [relative(root, join(server, rule.file))],
      testTimeout: 60_000,
    },
  };
}

/** Transformed modules are remembered by the names of the plugins: a rule that is changed is another one. */
function nameOf({ name, edits }: SafetyRule): string {
  const changed = createHash('sha256').update(JSON.stringify(edits)).digest('hex');
  return `switch off ${name} ${changed.slice(0, 12)}`;
}

function switchOff({ edits }: SafetyRule): (code: string, id: string) => string | undefined {
  return (_, id) => {
    const concerned = edits.filter(({ file }) => id.split('?')[0] === join(server, file));
    if (concerned.length === 0) return undefined;
    let changed = readFileSync(id.split('?')[0] ?? id, 'utf8');
    for (const { file, find, replace } of concerned) {
      if (changed.split(find).length !== 2) throw new Error(`not once in ${file}: ${find}`);
      changed = changed.replace(find, () => replace);
    }
    return changed;
  };
}

const chosen = allRules.filter(
  ({ name }) => process.argv.length < 3 || process.argv.includes(name),
);
const titles = [...new Set(chosen.flatMap(({ fails }) => fails))];
const pattern = new RegExp(titles.map((title) => escaped(title)).join('|'));
const reporter = {
  onTestCaseResult(test: TestCase): void {
    const verdict: Verdict = {
      rule: test.project.name,
      title: test.name,
      state: test.result().state,
    };
    process.stdout.write(`${JSON.stringify(verdict)}\n`);
  },
};
const vitest = await startVitest(
  [],
  { config: false, root, watch: false, reporters: [reporter], testNamePattern: pattern },
  {
    test: {
      globalSetup: [join(root, 'packages/testkit/src/global-setup.ts')],
      projects: chosen.map(projectOf),
      maxWorkers: 2,
    },
  },
);
await vitest.close();
process.exitCode = 0;

function escaped(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
