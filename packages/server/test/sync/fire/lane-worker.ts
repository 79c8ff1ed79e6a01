import { type Errand, type Report } from './errand.ts';
import { openFireDatabase } from './fire-database.ts';
import { type EngineName, openEngine } from './processes/engine.ts';
import { isPlayedByProcesses, runWithProcesses } from './processes/run-with-processes.ts';
import { runNaively } from './run-naive.ts';
import { runSchedule, type Verdict } from './run-seed.ts';
import { scheduleOf } from './schedule.ts';

const [serverUrl = '', name = '', engineName = 'postgres'] = process.argv.slice(2);
const database = await openFireDatabase(serverUrl, name);
const engine = await openEngine(engineName as EngineName);
// The parent says that it needs no more seeds, or is gone itself.
process.once('disconnect', () => void engine.close().finally(() => process.exit()));

process.on('message', (errand: Errand) => {
  void play(errand).then((report) => process.send?.({ report }));
});

async function play({ seed, naive, trace, processes, steps }: Errand): Promise<Report> {
  const whole = scheduleOf(seed);
  const schedule = { ...whole, steps: whole.steps.slice(0, steps) };
  const say = (line: string): void => {
    process.send?.({ line });
  };
  const byProcesses = processes || isPlayedByProcesses(seed);
  const verdict: Verdict = byProcesses
    ? await runWithProcesses(database, schedule, engine)
    : await runSchedule(database, schedule, trace ? { trace: say } : {});
  const differences = naive ? await runNaively(schedule) : undefined;
  return {
    seed,
    faults: verdict.faults,
    hazards: [...verdict.hazards],
    struck: Object.entries(verdict.struck),
    rounds: verdict.rounds,
    ...(differences && { naive: differences.length > 0 }),
  };
}
