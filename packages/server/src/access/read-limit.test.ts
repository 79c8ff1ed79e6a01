import { expect, it } from 'vitest';
import { ReadLimit } from './read-limit.ts';

function slowRead() {
  const reads: (() => void)[] = [];
  const read = () =>
    new Promise<string>((resolve) => {
      reads.push(() => {
        resolve('read');
      });
    });
  return { reads, read };
}

it('lets so many read at the same time, and the others in their order', async () => {
  const limit = new ReadLimit(2, 1_000);
  const { reads, read } = slowRead();
  const all = [limit.run(read), limit.run(read), limit.run(read)];
  await expect.poll(() => reads.length).toBe(2);
  reads[0]?.();
  await all[0];
  await expect.poll(() => reads.length).toBe(3);
  reads[1]?.();
  reads[2]?.();
  expect(await Promise.all(all)).toEqual(['read', 'read', 'read']);
});

it('goes on after a read that failed', async () => {
  const limit = new ReadLimit(1, 1_000);
  await expect(limit.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(limit.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
});

it('sends whoever waits for too long away, and nobody else', async () => {
  const limit = new ReadLimit(1, 20);
  const { reads, read } = slowRead();
  const first = limit.run(read);
  await expect(limit.run(read)).rejects.toMatchObject({
    code: 'database_unavailable',
    species: 'outage',
  });
  reads[0]?.();
  await first;
  const after = limit.run(read);
  await expect.poll(() => reads.length).toBe(2);
  reads[1]?.();
  await expect(after).resolves.toBe('read');
});
