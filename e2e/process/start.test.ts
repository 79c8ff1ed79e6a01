import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  callApi,
  createPlace,
  fromSources,
  lives,
  paste,
  type Place,
  postgresPid,
  repository,
  rolecall,
  type RunningRolecall,
  startRolecall,
  until,
} from './rolecall-process.ts';

/** Lets `npx rolecall` mean the program of a place. npm takes longer to start than what it finds. */
function npxWithoutNpm({ program }: Place): string {
  return `npx() { shift; node '${program}' "$@"; }`;
}

/** The commands that a screen offers under a heading, up to the next empty line. */
function linesUnder(screen: string, heading: string): string {
  const [, after = ''] = screen.split(heading);
  return (after.split('\n\n')[0] ?? '').trim();
}

describe('rolecall start', () => {
  let place: Place;
  let running: RunningRolecall;
  let key: string;
  /** What the screen has one set before anything else. */
  let exports: string;

  beforeAll(async () => {
    place = await createPlace();
    running = await startRolecall(fromSources(place));
    key = running.newKey ?? '';
    exports = (running.written().out.match(/export \S+/g) ?? []).join('\n');
  });
  afterAll(async () => {
    await running.end('SIGKILL');
    await place.remove();
  });

  /** The names of the roles that an organization has in the simulated WorkOS, as its API tells them. */
  async function rolesThere(): Promise<readonly string[]> {
    const { out } = running.written();
    const url = /WorkOS +(\S+)/.exec(out)?.[1] ?? '';
    const secret = /its key (\S+)/.exec(out)?.[1] ?? '';
    const ask = async (path: string): Promise<{ data: { id: string; name: string }[] }> => {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${secret}` } });
      return (await response.json()) as { data: { id: string; name: string }[] };
    };
    const { data } = await ask('/organizations?limit=100');
    const kestrel = data.find(({ name }) => name === 'Kestrel Robotics')?.id ?? '';
    return (await ask(`/authorization/organizations/${kestrel}/roles`)).data.map(
      ({ name }) => name,
    );
  }

  it('creates what it needs the first time, and says so', () => {
    const { out, err } = running.written();
    expect(err).toMatch(/✓ PostgreSQL \d+\.\d+ created in /);
    expect(err).toMatch(/✓ \d+ migrations? applied/);
    expect(out).toContain(`API         ${running.url}\n`);
    expect(out).toContain(`${running.url}/docs`);
    expect(key).not.toBe('');
    expect(err).toMatch(/✓ 3 organizations taken in from a simulated WorkOS/);
  });

  it('shows no colours where there is no terminal', () => {
    const { out, err } = running.written();
    expect(out + err).not.toContain('\u001b');
  });

  it('prints lines that work when it is pasted', async () => {
    const { code, out } = await paste(
      place,
      linesUnder(running.written().out, 'another terminal:'),
    );
    expect(code).toBe(0);
    expect(out).toContain('Kestrel Robotics');
    expect(JSON.parse(out.slice(out.indexOf('\n{') + 1))).toHaveProperty('scopes');
  });

  it('prints lines that import a real organization and ask about it', async () => {
    const lines = linesUnder(running.written().out, 'ask who may do what:');
    expect(lines).toContain('npx rolecall import');
    const { code, out, err } = await paste(
      place,
      `set -e\n${npxWithoutNpm(place)}\n${exports}\n${lines}`,
    );
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toContain('hc imported');
    expect(out).toContain('allowed');
    const answer = JSON.parse(out.slice(out.lastIndexOf('\n{') + 1)) as unknown;
    expect(answer).toMatchObject({ allowed: true, decisions: [{ reason: 'grant_matched' }] });
  });

  it('prints a change made here, and it arrives in WorkOS', async () => {
    const lines = linesUnder(running.written().out, 'the same in WorkOS:');
    const { code, err } = await paste(
      place,
      `set -e\n${npxWithoutNpm(place)}\n${exports}\n${lines}`,
    );
    expect({ code, err }).toMatchObject({ code: 0 });
    await until(() => /→ WorkOS +PATCH \/authorization/.test(running.written().err));
    expect(await rolesThere()).toContain('Inspector');
  });

  it('prints a change made in WorkOS, and it arrives here', async () => {
    const { out } = running.written();
    const [suspend = '', , reactivate = ''] = linesUnder(out, 'denied here:')
      .replaceAll('\\\n', '')
      .split('\n')
      .map((line) => line.trim());
    const statusOf = async (): Promise<string> => {
      const path = '/v1/organizations/kestrel/members/leo.grant';
      const { body } = await callApi({ url: running.url, key }, 'GET', path);
      return (body as { status: string }).status;
    };
    expect(await statusOf()).toBe('active');
    await paste(place, suspend);
    await until(() => /← WorkOS +kestrel +member\.updated/.test(running.written().err));
    expect(await statusOf()).toBe('inactive');
    await paste(place, reactivate);
    await until(() => (running.written().err.match(/member\.updated/g) ?? []).length > 1);
    expect(await statusOf()).toBe('active');
  });

  it('refuses a second start on the same folder, with its own exit code, and says where the first is', async () => {
    const { code, err } = await rolecall(place, ['start']);
    expect(code).toBe(4);
    expect(err).toContain(`as process ${running.child.pid ?? ''} at ${running.url}`);
    expect((await callApi({ url: running.url, key }, 'GET', '/v1/organizations')).status).toBe(200);
  });

  it('refuses a second start on the same folder and port the same way', async () => {
    const { code } = await rolecall(place, ['start', '--port', new URL(running.url).port]);
    expect(code).toBe(4);
  });

  it('stops cleanly on SIGTERM, leaves no PostgreSQL, and starts again with its data', async () => {
    const pid = await postgresPid(place);
    expect(lives(pid)).toBe(true);
    const ended = await running.end('SIGTERM');
    expect(ended.code).toBe(0);
    expect(lives(pid)).toBe(false);

    const started = performance.now();
    running = await startRolecall(place);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(running.newKey).toBeUndefined();
    expect(running.written().out).toContain(`ends in ${key.slice(-4)}`);
    const { status, body } = await callApi(
      { url: running.url, key },
      'GET',
      '/v1/organizations/hc',
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { member_count: 46 } });
  });
});

describe('rolecall start, where it cannot', () => {
  let place: Place;

  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place.remove());

  it('names the port that is taken, and starts nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const port = String((other.address() as { port: number }).port);
    try {
      const { code, err } = await rolecall(place, ['start', '--port', port]);
      expect(code).toBe(5);
      expect(err).toContain(`port ${port} of 127.0.0.1 is in use`);
      expect(err).toContain('PORT');
      await expect(postgresPid(place)).rejects.toThrow();
    } finally {
      other.close();
    }
  });

  it('says that the data folder is none, in one sentence', async () => {
    const file = join(repository, 'package.json');
    const { code, err } = await rolecall(place, ['start', '--data-dir', file]);
    expect(code).toBe(2);
    expect(err).toContain(file);
    expect(err).not.toContain('a fault of Rolecall');
  });

  it('names a variable that is wrong', async () => {
    const { code, err } = await rolecall(
      { ...place, environment: { ...place.environment, LOG_LEVEL: 'loud' } },
      ['start'],
    );
    expect(code).toBe(2);
    expect(err).toContain('LOG_LEVEL');
  });
});
