import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type StartStep } from '../src/index.ts';
import { identifyProcess } from '../src/process-identity.ts';
import {
  type OwnerProcess,
  ask,
  scratchFolder,
  serverPid,
  spawnOwner,
  start,
  until,
} from './scratch.ts';

const isLinux = process.platform === 'linux';

/** Kills the owner, and first the shell that would shut its server down. */
async function killWithoutWitness(owner: OwnerProcess): Promise<void> {
  const children = readFileSync(`/proc/${owner.pid}/task/${owner.pid}/children`, 'utf8');
  for (const pid of children.trim().split(' ').map(Number)) {
    const program = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    if (program === 'sh') process.kill(pid, 'SIGKILL');
  }
  await owner.kill();
}

async function ownerWithRow(): Promise<{ owner: OwnerProcess; url: string }> {
  const owner = spawnOwner(directory, 'durable');
  const url = await owner.line('url');
  await ask(url, 'drop table if exists kept');
  await ask(url, 'create table kept as select 42 as answer');
  return { owner, url };
}

// One cluster for all: what one test leaves behind is what the next start has to cope with.
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rolecall-postgres-'));
});

afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

describe('the end of an owner', () => {
  it('takes the server along when the process is killed, and keeps what was committed', async () => {
    const { owner } = await ownerWithRow();
    const pid = await serverPid(directory);
    await owner.kill();
    const next = await start({ directory, durable: true });
    expect(identifyProcess(pid)).toBeUndefined();
    expect(await ask(next.url, 'select answer from kept')).toEqual([42]);
  });

  it('takes the server along when the process exits without a stop', async () => {
    const owner = spawnOwner(directory);
    await owner.line('url');
    const pid = await serverPid(directory);
    owner.child.stdin?.write('exit\n');
    await owner.ended;
    await until(() => identifyProcess(pid) === undefined);
  });

  it('is not shared: a Ctrl-C in the terminal does not reach the server', async () => {
    await start({ directory });
    const pid = await serverPid(directory);
    // A process group that the server leads is one that the terminal does not signal.
    expect(process.kill(-pid, 0)).toBe(true);
  });

  it.runIf(isLinux)('leaves an orphan that the next start shuts down first', async () => {
    const { owner, url } = await ownerWithRow();
    const orphan = await serverPid(directory);
    await killWithoutWitness(owner);
    expect(await ask(url, 'insert into kept values (43) returning answer')).toEqual([43]);
    const next = await start({ directory, durable: true });
    expect(identifyProcess(orphan)).toBeUndefined();
    expect(await ask(next.url, 'select answer from kept order by 1')).toEqual([42, 43]);
  });

  it.runIf(isLinux)('lets the next start recover when the server was killed too', async () => {
    const { owner, url } = await ownerWithRow();
    const busy = new Client(url);
    busy.on('error', () => undefined);
    await busy.connect();
    // A session that only computes does not notice that its server has been killed.
    busy.query('select count(*) from generate_series(1, 1e12)').catch(() => undefined);
    onTestFinished(() => busy.end().catch(() => undefined));
    await sleep(50);
    const server = await serverPid(directory);
    await killWithoutWitness(owner);
    process.kill(server, 'SIGKILL');
    const steps: StartStep[] = [];
    const next = await start({ directory, durable: true, onProgress: (step) => steps.push(step) });
    expect(steps).toEqual(['recovering', 'ready']);
    expect(await ask(next.url, 'select answer from kept')).toEqual([42]);
  });

  it('is survived by a pid file whose pid belongs to a stranger by now', async () => {
    const first = await start({ directory });
    await first.stop();
    // Of the same user as the server, which ignores the pids of others.
    const { uid, gid } = statSync(first.dataDirectory);
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', cwd: '/', uid, gid });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    const lines = [stranger.pid, first.dataDirectory, 0, first.port, '', '127.0.0.1', '', 'ready'];
    await writeFile(join(first.dataDirectory, 'postmaster.pid'), `${lines.join('\n')}\n`);
    const next = await start({ directory });
    expect(await ask(next.url, 'select 1')).toEqual([1]);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it('no half cluster: a creation that is killed at any moment leaves nothing or all', async () => {
    const directory = await scratchFolder();
    for (const delay of [0, 120, 350]) {
      const owner = spawnOwner(directory, 'fast');
      await Promise.race([owner.line('creating'), owner.line('starting')]);
      await sleep(delay);
      await owner.kill();
      if (readdirSync(directory).includes('data')) {
        expect(readdirSync(join(directory, 'data'))).toContain('rolecall.password');
      }
    }
    const next = await start({ directory });
    expect(await ask(next.url, 'select 1')).toEqual([1]);
    const strange = readdirSync(directory).filter((name) => name.startsWith('creating-'));
    expect(strange).toEqual([]);
  });
});
