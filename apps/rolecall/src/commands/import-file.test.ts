import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { readImportFile } from './import-file.ts';

const text = JSON.stringify({ organization: { id: 'acme', name: 'Acme' }, roles: [] });
const noStdin: readonly string[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'import-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* stream(...chunks: readonly (string | Uint8Array)[]) {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('readImportFile', () => {
  it('reads JSON and says which organization it is', async () => {
    const read = await readImportFile(await file('a.json', text), stream(...noStdin));
    expect(read).toMatchObject({ organizationId: 'acme', organizationName: 'Acme' });
    expect(new TextDecoder().decode(read.json)).toBe(text);
  });

  it('unzips what is compressed, whatever it is called', async () => {
    const path = await file('compressed', gzipSync(text));
    expect((await readImportFile(path, stream())).organizationId).toBe('acme');
  });

  it('reads stdin', async () => {
    const half = text.length / 2;
    const read = await readImportFile('-', stream(text.slice(0, half), text.slice(half)));
    expect(read.organizationId).toBe('acme');
  });

  it('does not judge a document of another form', async () => {
    const read = await readImportFile('-', stream('[1]'));
    expect(read).toMatchObject({ organizationId: undefined, organizationName: undefined });
  });

  it.each([
    ['is not JSON', '{"organization":'],
    ['is not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['is cut off while compressed', gzipSync(text).subarray(0, 30)],
  ])('refuses what %s', async (_, content) => {
    await expect(readImportFile('-', stream(content))).rejects.toMatchObject({
      code: 'unreadable_file',
      exitCode: exitCodes.usage,
    });
  });

  it('refuses a file that is not there, by name', async () => {
    const path = join(folder, 'missing.json');
    await expect(readImportFile(path, stream())).rejects.toThrow(`cannot read \`${path}\``);
  });

  it('refuses what unpacks to more than an import may have', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, 0x20));
    await expect(readImportFile('-', stream(bomb))).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });
});
