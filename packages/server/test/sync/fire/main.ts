import { parseArgs } from 'node:util';
import { openFireDatabase, startFireServer } from './fire-database.ts';
import { runSchedule } from './run-seed.ts';
import { scheduleOf } from './schedule.ts';

/*
 * npm run fire -- [--seeds 500] [--from 1] [--seed N] [--steps N] [--trace]
 *
 * Plays so many seeds, or one, and ends with 1 when something was found wrong.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    steps: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const server = await startFireServer();
  const database = await openFireDatabase(server.url, 'fire');
  const from = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const started = performance.now();
  let bad = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const whole = scheduleOf(seed);
    const schedule = { ...whole, steps: whole.steps.slice(0, Number(values.steps ?? Infinity)) };
    const verdict = await runSchedule(database, schedule, values.trace ? { trace: say } : {});
    if (verdict.faults.length > 0) bad += 1;
    for (const fault of verdict.faults.slice(0, 3)) say(`seed ${seed}: ${fault}`);
  }
  const each = Math.round((performance.now() - started) / count);
  say(`${count} seeds, ${bad} of them wrong, ${each} ms each`);
  await database.close();
  await server.close();
  return bad > 0 ? 1 : 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
