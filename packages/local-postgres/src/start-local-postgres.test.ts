import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, scratchFolder, serverPid, spawnOwner, start } from '../test/scratch.ts';
import { identifyProcess } from './process-identity.ts';
import { type LocalPostgres, type StartStep, startLocalPostgres } from './start-local-postgres.ts';

const OLDER = '/usr/lib/postgresql/15';

describe('a running local PostgreSQL', () => {
  let directory: string;
  let postgres: LocalPostgres;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rolecall-postgres-'));
    postgres = await startLocalPostgres({ directory, durable: false });
  });

  afterAll(async () => {
    await postgres.stop('immediate');
    await rm(directory, { recursive: true });
  });

  it('speaks every script, in UTC, on the loopback address', async () => {
    await ask(postgres.url, 'create extension pg_trgm');
    const [[trigrams], [arabic], [lower], [like]] = await Promise.all([
      ask(postgres.url, `select cardinality(show_trgm('王小明'))`),
      ask(postgres.url, `select cardinality(show_trgm('محمد'))`),
      ask(postgres.url, `select lower('ЖЁЛУДЬ')`),
      ask(postgres.url, `select 'Жуков' ilike '%жУК%'`),
    ]);
    expect(trigrams).toBeGreaterThan(0);
    expect(arabic).toBeGreaterThan(0);
    expect(lower).toBe('жёлудь');
    expect(like).toBe(true);
    const settings = await ask(
      postgres.url,
      `select name || '=' || setting from pg_settings
        where name in ('TimeZone', 'listen_addresses', 'max_connections', 'fsync') order by 1`,
    );
    expect(settings).toEqual([
      'TimeZone=UTC',
      'fsync=off',
      'listen_addresses=127.0.0.1',
      'max_connections=200',
    ]);
    expect(postgres.version).toMatch(/^18\./);
  });

  it('asks for the password, which others cannot read', async () => {
    const guess = postgres.url.replace(/:[0-9a-f]{48}@/, ':guess@');
    expect(guess).not.toBe(postgres.url);
    await expect(ask(guess, 'select 1')).rejects.toThrow('password authentication failed');
    const file = await stat(join(postgres.dataDirectory, 'rolecall.password'));
    expect(file.mode & 0o777).toBe(0o600);
  });

  it('keeps failed statements, and the personal data in them, out of the log', async () => {
    await expect(ask(postgres.url, `select 'ada@example.com'::int`)).rejects.toThrow();
    const log = await readFile(join(directory, 'postgresql.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('ada@example.com');
  });

  it('refuses a second start while the first one runs, and names its process', async () => {
    await expect(start({ directory })).rejects.toMatchObject({
      code: 'data_directory_in_use',
      details: { directory, pid: process.pid },
    });
  });

  it('takes settings at its next start, which win over its own, and says what the log says when it cannot', async () => {
    await postgres.stop();
    const failing = start({ directory, settings: { shared_buffers: 'plenty' } });
    await expect(failing).rejects.toMatchObject({
      code: 'start_failed',
      details: { output: expect.stringContaining('shared_buffers') as string },
    });
    const settings = { max_connections: '17', work_mem: '3MB' };
    postgres = await startLocalPostgres({ directory, durable: false, settings });
    expect(await ask(postgres.url, 'show max_connections')).toEqual(['17']);
    expect(await ask(postgres.url, 'show work_mem')).toEqual(['3MB']);
  });
});

describe('startLocalPostgres', () => {
  it('creates a cluster, stops as often as it is asked, and starts it again with its data', async () => {
    const directory = join(await scratchFolder(), 'postgres');
    const steps: StartStep[] = [];
    const onProgress = (step: StartStep): void => void steps.push(step);
    const first = await start({ directory, durable: true, onProgress });
    await ask(first.url, 'create table kept as select 42 as answer');
    const pid = await serverPid(directory);
    await Promise.all([first.stop(), first.stop(), first.stop()]);
    await first.stop('immediate');
    expect(identifyProcess(pid)).toBeUndefined();
    expect(existsSync(join(first.dataDirectory, 'postmaster.pid'))).toBe(false);
    const second = await start({ directory, durable: true, onProgress });
    expect(await ask(second.url, 'select answer from kept')).toEqual([42]);
    expect(await ask(second.url, 'show fsync')).toEqual(['on']);
    expect(steps).toEqual(['creating', 'starting', 'ready', 'starting', 'ready']);
  });

  it('lets exactly one of several processes have a fresh directory', async () => {
    const directory = await scratchFolder();
    const owners = [1, 2, 3].map(() => spawnOwner(directory));
    const outcomes = await Promise.all(owners.map((owner) => owner.outcome));
    expect(outcomes.filter((line) => line.startsWith('url '))).toHaveLength(1);
    expect(outcomes.filter((line) => line === 'error data_directory_in_use')).toHaveLength(2);
  });

  it('refuses a folder that is used for something else, and leaves it as it is', async () => {
    const directory = await scratchFolder();
    await writeFile(join(directory, 'thesis.txt'), 'mine');
    await expect(start({ directory })).rejects.toMatchObject({
      code: 'not_a_data_directory',
      details: { directory },
    });
    expect(await readdir(directory)).toEqual(['thesis.txt']);
  });

  it('refuses a file, and a data folder that is no cluster', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'broken', 'data'), { recursive: true });
    for (const name of ['file', 'file/below', 'broken']) {
      await expect(start({ directory: join(folder, name) })).rejects.toMatchObject({
        code: 'not_a_data_directory',
      });
    }
  });

  it('refuses a cluster of another major version', async () => {
    const directory = await scratchFolder();
    await mkdir(join(directory, 'data'));
    await writeFile(join(directory, 'data', 'PG_VERSION'), '16\n');
    await expect(start({ directory })).rejects.toMatchObject({
      code: 'other_version',
      details: { directory, found: '16', expected: '18' },
    });
  });

  it('says what is missing when there are no binaries', async () => {
    const directory = await scratchFolder();
    await expect(start({ directory, binaries: '/nowhere' })).rejects.toMatchObject({
      code: 'binaries_unavailable',
    });
  });

  it.runIf(existsSync(OLDER))('runs PostgreSQL 15, which has no builtin locale', async () => {
    const postgres = await start({ directory: await scratchFolder(), binaries: OLDER });
    expect(postgres.version).toMatch(/^15\./);
    await ask(postgres.url, 'create extension pg_trgm');
    expect(await ask(postgres.url, `select cardinality(show_trgm('王小明'))`)).not.toEqual([0]);
    expect(await ask(postgres.url, `select lower('ЖЁЛУДЬ')`)).toEqual(['жёлудь']);
  });
});
