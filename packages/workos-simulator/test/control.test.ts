import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import {
  connectSimulator,
  createManualClock,
  type RemoteSimulator,
  startSimulator,
} from '../src/index.ts';
import { call, start } from './harness.ts';

interface Started {
  readonly process: ChildProcess;
  readonly remote: RemoteSimulator;
  readonly url: string;
  readonly apiKey: string;
}

const children: ChildProcess[] = [];

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => stop(child, 'SIGKILL')));
});

function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.kill(signal);
  });
}

/** Runs a simulator in a process of its own. */
async function spawnSimulator(...args: readonly string[]): Promise<Started> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const line = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString());
    });
  });
  const { url, api_key: apiKey } = JSON.parse(line) as { url: string; api_key: string };
  return { process: child, remote: connectSimulator(url), url, apiKey };
}

describe('a simulator in another process', () => {
  test('is steered like one at hand', async () => {
    const { remote, url, apiKey } = await spawnSimulator('--demo');
    await remote.dashboard.renameRole({
      organization: 'Kestrel Robotics',
      slug: 'org-auditor',
      name: 'Inspector',
    });
    await remote.directory.suspend({
      organization: 'Halcyon Health',
      user: 'sam.okafor@halcyon.example',
    });
    const state = await remote.state({ events: true });
    expect(state.roles.find((role) => role['slug'] === 'org-auditor')).toMatchObject({
      name: 'Inspector',
    });
    expect(state.events.all?.at(-1)).toMatchObject({
      event: 'organization_membership.updated',
      data: { status: 'inactive' },
    });
    await remote.faults.add({
      match: { path: '/organizations' },
      times: 1,
      fault: { kind: 'drop' },
    });
    const headers = { Authorization: `Bearer ${apiKey}` };
    await expect(fetch(`${url}/organizations`, { headers })).rejects.toThrow();
    expect((await fetch(`${url}/organizations`, { headers })).status).toBe(200);
    expect(await remote.faults.struck()).toEqual({ drop_before: 1 });
    const report = await remote.requests({ path: '/organizations' });
    expect(report).toMatchObject({ matching: 2, counts: { total: 2 } });
    expect(report.requests.map((request) => request.outcome)).toEqual(['dropped', 'answered']);
    await remote.clearRequests();
    expect((await remote.requests()).counts.total).toBe(0);
  });

  test('has its state again after a restart, and goes on with the same key', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'simulator-'));
    const file = join(directory, 'workos.json');
    const first = await spawnSimulator('--demo', '--file', file);
    await first.remote.dashboard.createOrganization({ name: 'Made before the restart' });
    const before = await first.remote.state({ events: true });
    await stop(first.process, 'SIGTERM');
    expect(readdirSync(directory)).toEqual(['workos.json']);
    const second = await spawnSimulator('--demo', '--file', file);
    const after = await second.remote.state({ events: true });
    expect(second.apiKey).toBe(first.apiKey);
    expect({ ...after, now: '' }).toEqual({ ...before, now: '' });
    await second.remote.dashboard.createOrganization({ name: 'Made after it' });
    const events = (await second.remote.state({ events: true })).events.all ?? [];
    const ids = events.map((event) => String(event['id']));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('loses at most half a second when it is killed', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'workos.json');
    const first = await spawnSimulator('--file', file);
    await first.remote.dashboard.createOrganization({ name: 'Saved in time' });
    await new Promise((resolve) => setTimeout(resolve, 900));
    await stop(first.process, 'SIGKILL');
    const second = await spawnSimulator('--file', file);
    expect((await second.remote.state()).organizations).toMatchObject([{ name: 'Saved in time' }]);
  });
});

describe('saved state', () => {
  test('is refused when it is of another environment or another version', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'workos.json');
    await (await startSimulator({ file, seed: 1 })).close();
    await expect(startSimulator({ file, seed: 2 })).rejects.toThrow('of another environment');
    const saved = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...saved, version: 99 }));
    await expect(startSimulator({ file, seed: 1 })).rejects.toThrow('has version 99');
  });
});

describe('control over HTTP', () => {
  test('is neither counted nor limited nor struck by faults', async () => {
    const simulator = await start();
    const remote = connectSimulator(simulator.url);
    simulator.faults.outage('drop');
    simulator.faults.revokeKey();
    await remote.dashboard.createOrganization({ name: 'Acme' });
    expect((await remote.state()).organizations).toHaveLength(1);
    expect(simulator.requests.counts().total).toBe(0);
    await remote.faults.heal();
    expect((await call(simulator, 'GET', '/organizations')).status).toBe(200);
  });

  test('refuses what it does not know or understand', async () => {
    const remote = connectSimulator((await start()).url);
    await expect(
      remote.dashboard.renameOrganization({ organization: 'x', name: 'y' }),
    ).rejects.toMatchObject({ status: 404 });
    const wrong = { organization: 'x' } as { organization: string; name: string };
    await expect(remote.dashboard.renameOrganization(wrong)).rejects.toMatchObject({ status: 422 });
    const unknown = remote.dashboard as unknown as Record<string, () => Promise<void>>;
    await expect(unknown['flyAway']?.()).rejects.toMatchObject({ status: 404 });
    await expect(remote.advance(10)).rejects.toMatchObject({ status: 409 });
  });

  test('lists all it can do', async () => {
    const simulator = await start();
    const response = await fetch(`${simulator.url}/_simulator`);
    const index = (await response.json()) as { dashboard: string[]; directory: string[] };
    expect(index.dashboard).toContain('POST /_simulator/dashboard/rename-role');
    expect(index.directory).toContain('POST /_simulator/directory/suspend');
  });

  test('sets every kind of fault', async () => {
    const simulator = await start();
    const { faults } = connectSimulator(simulator.url);
    await faults.chaos({ rate: 0.1, only: ['late', 'hang_after'] });
    await faults.webhooks({ drop: 0.5, delayMs: [1, 2] });
    await faults.events({ rate: 0.5, ms: [10, 20], overtake: true });
    await faults.outage('hang');
    const id = await faults.add({ fault: { kind: 'omit' }, nth: [3] });
    expect(simulator.faults.list()).toHaveLength(3);
    await faults.remove(id);
    expect(simulator.faults.list()).toHaveLength(2);
    await faults.clear();
    expect(simulator.faults.list()).toEqual([]);
    expect(simulator.webhooks.faults).toMatchObject({ drop: 0.5, delayMs: [1, 2], repeat: 0 });
    expect(await faults.addKey()).toMatch(/^sk_test_/);
    expect(await faults.expireEvents({ keep: 0 })).toBe(2);
    expect(await faults.pending()).toMatchObject({ lateWrites: 0, webhooks: 0 });
  });

  test('moves a clock that is moved by hand', async () => {
    const simulator = await start({ clock: createManualClock(Date.UTC(2026, 5, 1)) });
    const remote = connectSimulator(simulator.url);
    await remote.advance(60_000);
    expect((await remote.state()).now).toBe('2026-06-01T00:01:00.000Z');
  });

  test('adds endpoints for webhooks', async () => {
    const simulator = await start();
    const remote = connectSimulator(simulator.url);
    await remote.addWebhook('http://rolecall.invalid/hook', ['user.created']);
    expect(simulator.webhooks.endpoints()).toMatchObject([
      {
        url: 'http://rolecall.invalid/hook',
        events: ['user.created'],
        secret: simulator.webhookSecret,
      },
    ]);
  });
});
