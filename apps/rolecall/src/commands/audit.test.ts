import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRolecall } from '@rolecall/server';
import { createTestDatabase } from '@rolecall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { writePieces } from './write-pieces.ts';

const test = await createTestDatabase();
const rolecall = createRolecall({ databaseUrl: test.url });
const dba = new Client({ connectionString: test.url });
const directory = await mkdtemp(join(tmpdir(), 'rolecall-audit-'));

beforeAll(async () => {
  await dba.connect();
  await dba.query('SET session_replication_role = replica');
  for (const id of ['acme', 'beta']) {
    await rolecall.roles.createOrganization({ id, name: id });
    await rolecall.roles.createRole(id, { name: 'Support', grants: [{ scope: 'project:read' }] });
  }
});
afterAll(async () => {
  await dba.end();
  await rolecall.close();
  await test.close();
  await rm(directory, { recursive: true });
});

async function run(
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: process.stdin,
    directory,
    environment: { DATABASE_URL: test.url },
  });
  return { code, out, err };
}

describe('rolecall audit', () => {
  it('writes heads that it can be held against later', async () => {
    const heads = await run('audit', 'head');
    const lines = heads.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { hash: string });
    expect(lines).toMatchObject([{ organization_id: 'acme' }, { organization_id: 'beta' }]);
    const file = join(directory, 'heads.ndjson');
    await writeFile(file, heads.out);
    await rolecall.roles.updateOrganization('acme', { name: 'Acme' });
    const { code, out } = await run('audit', 'verify', '--heads', file);
    expect(out).toMatch(/✓ \d+ events of 2 organizations: every one is as it was written/);
    expect(code).toBe(exitCodes.done);
    expect((await run('audit', 'head', 'acme')).out).not.toContain(lines[0]?.hash);
  });

  it('finds a history that is not the one whose head was kept, and one that is gone', async () => {
    const other = await run('audit', 'verify', 'beta', '--head', `1:${'ab'.repeat(32)}`);
    expect(other.code).toBe(exitCodes.refused);
    expect(other.out).toContain('entry 1 has another hash than the known head');
    const file = join(directory, 'gone.ndjson');
    const hash = 'ab'.repeat(32);
    await writeFile(file, `${JSON.stringify({ organization_id: 'gone', sequence: 3, hash })}\n`);
    const gone = await run('--json', 'audit', 'verify', '--heads', file);
    expect(gone.code).toBe(exitCodes.refused);
    expect(JSON.parse(gone.out)).toMatchObject({
      ok: false,
      organizations: 2,
      broken: [{ organization_id: 'gone', break: 'organization_missing' }],
    });
  });

  it('names the first broken place of each history, and goes on to the next', async () => {
    await rolecall.roles.createOrganization({ id: 'broken', name: 'Broken' });
    await dba.query(
      `UPDATE rolecall.audit_events SET actor = 'user:eve' WHERE organization_id = 'broken'`,
    );
    const { code, out } = await run('audit', 'verify');
    expect(code).toBe(exitCodes.refused);
    expect(out).toContain('broken at 1: entry 1 is not what was written after 0 entry_changed');
    expect(out).toContain('of 3 organizations were read');
    await dba.query(
      `UPDATE rolecall.audit_events SET actor = 'system' WHERE organization_id = 'broken'`,
    );
    expect((await run('audit', 'verify', 'broken')).code).toBe(exitCodes.done);
  });

  it.each([
    ['a head that is none', ['acme', '--head', '5'], '`5` is not a head'],
    ['a head of nobody', ['--head', `1:${'ab'.repeat(32)}`], '`--head` needs the organization'],
    ['a file that is not there', ['--heads', 'nowhere.ndjson'], '`nowhere.ndjson` cannot be read'],
  ])('takes %s for wrong usage', async (_, args, words) => {
    const { code, err } = await run('audit', 'verify', ...args);
    expect(code).toBe(exitCodes.usage);
    expect(err).toContain(words);
  });

  it('says and sets how long history is kept', async () => {
    expect((await run('audit', 'retention')).out).toBe('history is kept for ever\n');
    expect((await run('audit', 'retention', '--days', '365')).out).toBe(
      'history is kept for 365 days\n',
    );
    expect((await run('audit', 'retention', 'acme')).out).toContain('acme is kept for 365 days');
    expect((await run('audit', 'retention', 'acme', '--forever')).out).toContain(
      'acme is kept for ever',
    );
    expect((await run('audit', 'retention', 'acme', '--follow')).out).toContain('for 365 days');
    expect((await run('audit', 'retention', '--days', '0')).code).toBe(exitCodes.usage);
    expect((await run('audit', 'purge')).out).toBe('0 events removed\n');
  });
});

describe('pieces', () => {
  it('wait for whoever takes them', async () => {
    const { PassThrough } = await import('node:stream');
    const slow = new PassThrough({ highWaterMark: 8 });
    let made = 0;
    // eslint-disable-next-line @typescript-eslint/require-await -- pieces come as an async sequence
    async function* pieces(): AsyncGenerator<string> {
      for (; made < 5; made += 1) yield 'x'.repeat(16);
    }
    const writing = writePieces(slow, pieces());
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(0);
    let taken = '';
    slow.on('data', (piece: Buffer) => (taken += piece.toString()));
    await writing;
    expect([made, taken.length]).toEqual([5, 80]);
  });
});
