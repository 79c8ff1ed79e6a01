import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** A head of a history that was kept elsewhere. */
export interface KnownHead {
  readonly sequence: number;
  readonly hash: string;
}

const line = z.object({
  organization_id: z.string(),
  sequence: z.number().int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `57:9f86…`, as `--head` takes it. Throws a `CliError`. */
export function parseHead(text: string): KnownHead {
  const [, sequence = '', hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hash === '') {
    throw usage(`\`${text}\` is not a head`, 'write it as sequence:hash, as `audit head` shows it');
  }
  return { sequence: Number(sequence), hash: hash.toLowerCase() };
}

/** The heads of a file that `audit head` wrote, by organization. Throws a `CliError`. */
export async function readHeads(path: string): Promise<ReadonlyMap<string, KnownHead>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw usage(
      `\`${path}\` cannot be read`,
      'name a file that `rolecall audit head` has written',
      cause,
    );
  });
  const heads = new Map<string, KnownHead>();
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === '') continue;
    const read = line.safeParse(parseJson(row));
    if (!read.success) {
      throw usage(
        `line ${index + 1} of \`${path}\` is not a head`,
        'it is a line of `rolecall audit head`',
      );
    }
    const { organization_id: id, ...head } = read.data;
    heads.set(id, head);
  }
  return heads;
}

/** The error of a head that does not say whose it is. */
export function headWithoutOrganization(): CliError {
  return usage('`--head` needs the organization whose head it is', 'name it, or use --heads');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function usage(message: string, advice: string, cause?: unknown): CliError {
  return new CliError(exitCodes.usage, 'usage', message, { advice, cause });
}
