import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startFireServer } from './fire-database.ts';
import { type Hazard, type HazardCounts, hazards, reachable } from './hazards.ts';
import { openLane } from './lane.ts';
import { type Report } from './errand.ts';
import { type EngineName } from './processes/engine.ts';
import { isPlayedByProcesses } from './processes/run-with-processes.ts';

/*
 * npm run fire -- [--seeds 500] [--from 1] [--seed N] [--steps N] [--trace] [--naive 0] [--lanes N]
 *                 [--processes] [--runner temporal]
 *
 * Plays so many seeds, side by side, or one; with `--naive N` the first N of them also against the naive design.
 * With `--processes` every seed is played in real time by processes, as every hundredth is anyway; with `--runner
 * temporal` these run on a Temporal of their lane's own, and both are killed. Ends with 1 when something was found wrong, or when a hazard was never reached over at least 300 seeds.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    naive: { type: 'string', default: '0' },
    lanes: { type: 'string', default: String(availableParallelism()) },
    processes: { type: 'boolean', default: false },
    runner: { type: 'string', default: 'postgres' },
    trace: { type: 'boolean', default: false },
  },
});

/** Fewer seeds than this say nothing about what is never reached. */
const TELLING_SEEDS = 300;

process.exitCode = await main();

async function main(): Promise<number> {
  const started = performance.now();
  const from = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  const processes = values.processes || values.runner === 'temporal';
  const engine: EngineName = values.runner === 'temporal' ? 'temporal' : 'postgres';
  const server = await startFireServer();
  const reports: Report[] = [];
  const lanes = Array.from({ length: Math.min(count, Number(values.lanes)) }, (_, lane) =>
    openLane({ serverUrl: server.url, name: `fire_${lane}`, engine, say }),
  );
  const naively = Number(values.naive);
  await Promise.all(
    lanes.map(async (lane) => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const naive = seed < from + naively;
        const steps = values.steps === undefined ? {} : { steps: Number(values.steps) };
        const report = await lane.play({ seed, naive, trace: values.trace, processes, ...steps });
        reports.push(report);
        for (const fault of report.faults.slice(0, 3)) say(`seed ${seed}: ${fault}`);
      }
      lane.close();
    }),
  );
  await server.close();
  return summarize(reports, { naively, seconds: (performance.now() - started) / 1_000 });
}

function summarize(
  reports: readonly Report[],
  { naively, seconds }: { readonly naively: number; readonly seconds: number },
): number {
  const counts: HazardCounts = new Map();
  const struck = new Map<string, number>();
  for (const report of reports) {
    for (const [hazard, often] of report.hazards) {
      counts.set(hazard, (counts.get(hazard) ?? 0) + often);
    }
    for (const [name, often] of report.struck) struck.set(name, (struck.get(name) ?? 0) + often);
  }
  const wrong = reports.filter(({ faults }) => faults.length > 0).map(({ seed }) => seed);
  const rounds = Math.max(0, ...reports.map((report) => report.rounds));
  const missed = reachable.filter((hazard) => !counts.has(hazard));
  say(`\nseeds: ${reports.length} in ${Math.round(seconds)} s; wrong: ${wrong.length}`);
  const apart = reports.filter(({ seed }) => isPlayedByProcesses(seed)).length;
  say(`seeds played by workers in processes of their own: ${apart}`);
  say(`rounds from healing to quiet: at most ${rounds}`);
  say(`faults that struck: ${tell(struck)}`);
  say(`hazards reached: ${tell(sorted(counts))}`);
  say(`hazards never reached: ${missed.length === 0 ? 'none' : missed.join(' ')}`);
  for (const hazard of missed) say(`  ${hazard}: ${hazards[hazard].is}`);
  if (naively > 0) {
    const naive = reports.filter(({ naive }) => naive !== undefined);
    const drifted = naive.filter((report) => report.naive === true).length;
    const ours = naive.filter(({ faults }) => faults.length > 0).length;
    say(`of ${naive.length} seeds, the naive design ends ${drifted} in drift; this one ${ours}`);
  }
  for (const seed of wrong) say(`replay: npm run fire -- --seed ${seed} --trace`);
  // A run that is long enough for one has some that real processes played.
  const lacksProcesses = apart === 0 && reports.length >= 100;
  const lacksHazards = missed.length > 0 && reports.length >= TELLING_SEEDS;
  return wrong.length > 0 || lacksHazards || lacksProcesses ? 1 : 0;
}

function sorted(counts: HazardCounts): ReadonlyMap<string, number> {
  const order = Object.keys(hazards) as Hazard[];
  return new Map(
    order.flatMap((hazard) => {
      const often = counts.get(hazard);
      return often === undefined ? [] : [[hazard, often] as const];
    }),
  );
}

function tell(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, often]) => `${name} ${often}`).join(', ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
