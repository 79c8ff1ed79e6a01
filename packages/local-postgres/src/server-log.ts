import { copyFile, open, stat, truncate } from 'node:fs/promises';

const MAX_BYTES = 8 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
const TAIL_LINES = 20;

/**
 * Keeps the log file below about 8 MiB: what is longer moves to `<file>.1`, which it replaces. The
 * server may be writing, because it appends.
 */
export async function boundLog(file: string, maxBytes: number = MAX_BYTES): Promise<void> {
  if ((await logSize(file)) <= maxBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file, 0);
}

/** The size of the log in bytes, 0 when there is none. */
export async function logSize(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  );
}

/** The last lines that were written after byte `from`. */
export async function readLogTail(file: string, from: number): Promise<string> {
  const size = await logSize(file);
  const start = Math.max(size < from ? 0 : from, size - TAIL_BYTES);
  if (size <= start) return '';
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(size - start),
      0,
      size - start,
      start,
    );
    return lastLines(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** The last lines of what a program has written. */
export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
