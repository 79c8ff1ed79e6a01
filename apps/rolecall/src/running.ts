import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/*
 * A process that runs on a data folder leaves a note there, so that commands find its address (and the
 * embedded database, which takes a free port) without being told. The note is a hint: who reads it tries
 * what it says. Who owns the folder is decided by the lock of the embedded PostgreSQL alone.
 */

const schema = z.object({
  pid: z.number().int(),
  url: z.string(),
  database_url: z.string(),
  simulated_workos: z.object({ url: z.string(), key: z.string() }).optional(),
});

/** The process that runs on a data folder: where its API and its database are, and the WorkOS that it simulates. */
export interface Running {
  readonly pid: number;
  readonly url: string;
  readonly databaseUrl: string;
  readonly simulatedWorkos?: { readonly url: string; readonly key: string } | undefined;
}

/** Leaves the note, readable by this user alone: it holds the password of the embedded database. */
export async function noteRunning(dataDirectory: string, running: Running): Promise<void> {
  const file = noteFile(dataDirectory);
  const note: z.input<typeof schema> = {
    pid: running.pid,
    url: running.url,
    database_url: running.databaseUrl,
    simulated_workos: running.simulatedWorkos,
  };
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** Takes the note away, unless another process has left its own there. */
export async function forgetRunning(dataDirectory: string): Promise<void> {
  const running = await readNote(dataDirectory);
  if (running?.pid === process.pid) await rm(noteFile(dataDirectory), { force: true });
}

/** The process that runs on the data folder, if one left a note and a process of that number lives. */
export async function findRunning(dataDirectory: string): Promise<Running | undefined> {
  const running = await readNote(dataDirectory);
  return running !== undefined && lives(running.pid) ? running : undefined;
}

async function readNote(dataDirectory: string): Promise<Running | undefined> {
  try {
    const text = await readFile(noteFile(dataDirectory), 'utf8');
    const { pid, url, ...note } = schema.parse(JSON.parse(text));
    return { pid, url, databaseUrl: note.database_url, simulatedWorkos: note.simulated_workos };
  } catch {
    return undefined;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function noteFile(dataDirectory: string): string {
  return join(dataDirectory, 'running.json');
}
