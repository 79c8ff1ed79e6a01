import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../test/scratch.ts';
import { boundLog, readLogTail } from './server-log.ts';

describe('boundLog', () => {
  it('moves a log that is too long aside and goes on with an empty one', async () => {
    const file = join(await scratchFolder(), 'postgresql.log');
    await writeFile(file, 'old\n'.repeat(10));
    await boundLog(file, 20);
    await appendFile(file, 'new\n');
    expect(await readFile(file, 'utf8')).toBe('new\n');
    expect(await readFile(`${file}.1`, 'utf8')).toBe('old\n'.repeat(10));
  });

  it('leaves a short log and a missing one alone', async () => {
    const file = join(await scratchFolder(), 'postgresql.log');
    await boundLog(file, 20);
    await writeFile(file, 'short\n');
    await boundLog(file, 20);
    expect(await readFile(file, 'utf8')).toBe('short\n');
  });
});

describe('readLogTail', () => {
  it('gives the last lines that were written since a place in the file', async () => {
    const file = join(await scratchFolder(), 'postgresql.log');
    await writeFile(file, 'before\n');
    const from = 'before\n'.length;
    await appendFile(file, Array.from({ length: 30 }, (_, line) => `line ${line}\n`).join(''));
    const tail = (await readLogTail(file, from)).split('\n');
    expect(tail).toHaveLength(20);
    expect(tail[0]).toBe('line 10');
    expect(tail.at(-1)).toBe('line 29');
    expect(await readLogTail(file, 10_000)).toContain('line 29');
  });
});
