import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processorTime } from '../services/service.ts';

/** A `rolecall serve` that serves. */
export interface ServingRolecall {
  readonly port: number;
  /** What it and its workers have used of the processors, in microseconds. */
  readonly processorTime: () => number;
  readonly stop: () => Promise<void>;
}

const program = join(import.meta.dirname, '../../../apps/rolecall/bin/rolecall.js');

/** Starts `rolecall serve` with so many workers on a database, and waits until it serves. */
export async function startServe(databaseUrl: string, workers: number): Promise<ServingRolecall> {
  const args = ['--json', 'serve', '--port', '0', '--workers', String(workers)];
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  let said = '';
  while (!said.trimEnd().endsWith('}')) {
    const event = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    if (typeof event[0] !== 'string') throw new Error('`rolecall serve` ended before it served');
    said += event[0];
  }
  const { url } = JSON.parse(said) as { readonly url: string };
  const processId = child.pid ?? 0;
  return {
    port: Number(new URL(url).port),
    processorTime: () =>
      [processId, ...childrenOf(processId)].reduce((sum, id) => sum + (processorTime(id) ?? 0), 0),
    stop: async () => {
      const gone = once(child, 'close');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function childrenOf(processId: number): readonly number[] {
  const id = String(processId);
  const children = readFileSync(`/proc/${id}/task/${id}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}
