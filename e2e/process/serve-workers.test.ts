import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createPlace,
  launch,
  type Launched,
  lives,
  type Place,
  readyOf,
  rolecall,
  sendText,
  until,
} from './rolecall-process.ts';
import { runHere } from './run-here.ts';

const key = 'rk_a_key_for_this_test_alone_0028';
const organization = '/v1/organizations/acme';
const ASKED = 24;
let test: TestDatabase;
let place: Place;

beforeAll(async () => {
  test = await createTestDatabase({ empty: true });
  place = await createPlace({ DATABASE_URL: test.url, ROLECALL_API_KEY: key });
});
afterAll(async () => {
  await place.remove();
  await test.close();
});

describe('serve --workers', () => {
  it('answers with both workers, replaces one that is killed, and leaves no process behind', async () => {
    const served = launch(place, ['serve', '--migrate', '--workers', '2', '--json']);
    const { url, workers } = await readyOf(served);
    expect(workers).toBe(2);
    const acme = JSON.stringify({ id: 'acme', name: 'Acme' });
    expect((await ask(url, '/v1/organizations', acme)).status).toBe(201);

    await readOften(url);
    expect(readsBy(served, 1)).toBeGreaterThan(0);
    expect(readsBy(served, 2)).toBeGreaterThan(0);
    expect(readsBy(served, 1) + readsBy(served, 2)).toBe(ASKED);
    expect(countedReads((await ask(url, '/metrics')).text)).toBe(ASKED);
    expect((await ask(url, '/readyz')).status).toBe(200);

    const [killed = 0] = pidsOf(served, 2);
    process.kill(killed, 'SIGKILL');
    await until(() => !lives(killed));
    await readOften(url);
    await until(() => pidsOf(served, 2).length === 2);
    const before = readsBy(served, 2);
    await readOften(url);
    expect(readsBy(served, 2)).toBeGreaterThan(before);

    const pids = [...pidsOf(served, 1), ...pidsOf(served, 2)];
    served.child.kill('SIGTERM');
    const { code, err } = await served.finished;
    expect(code).toBe(0);
    expect(pids.filter(lives)).toEqual([]);
    expect(linesOf(err, 'a worker ended; another one takes its place')).toMatchObject([
      { worker: 2, pid: killed, signal: 'SIGKILL', pause_ms: 100 },
    ]);
    expect(linesOf(err, 'a worker is killed')).toEqual([]);
  });

  it('answers with 503 while no worker is left, as before once they are replaced, and ends them with it even when it is killed', async () => {
    const served = launch(place, ['serve', '--workers', '2', '--json']);
    const { url } = await readyOf(served);
    const pids = [...pidsOf(served, 1), ...pidsOf(served, 2)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until(() => !pids.some(lives));
    const seen = new Set<number>();
    await until(async () => {
      seen.add((await ask(url, organization).catch(() => ({ status: 0 }))).status);
      return seen.has(200);
    });
    expect(seen).toContain(503);
    await readOften(url);

    await until(() => pidsOf(served, 1).length + pidsOf(served, 2).length === 4);
    const replacements = [...pidsOf(served, 1), ...pidsOf(served, 2)].filter(lives);
    expect(replacements).toHaveLength(2);
    served.child.kill('SIGKILL');
    await until(() => !replacements.some(lives));
  });

  it('says once what keeps all workers from starting, with its own exit code', async () => {
    const short = { ...place, environment: { ...place.environment, ROLECALL_API_KEY: 'short' } };
    const { code, err, out } = await rolecall(short, ['serve', '--workers', '3']);
    expect(code).toBe(2);
    expect(err.match(/ROLECALL_API_KEY cannot be a key/g)).toHaveLength(1);
    expect(out).toBe('');
  });

  it('refuses a number of workers that makes no sense, and names the option', async () => {
    for (const number of ['0', '65', 'two', '1.5']) {
      const { code, err } = await runHere(place, ['serve', '--workers', number]);
      expect(code).toBe(2);
      expect(err).toContain(`--workers`);
      expect(err).toContain('is not a whole number from 1 to 64');
    }
  });
});

async function readOften(url: string): Promise<void> {
  for (let asked = 0; asked < ASKED; asked += 1) {
    expect((await ask(url, organization)).status).toBe(200);
  }
}

/** Asks on a connection of its own, which is what is given to the workers in turn. */
function ask(url: string, path: string, body?: string): ReturnType<typeof sendText> {
  const method = body === undefined ? 'GET' : 'POST';
  return sendText({ url, key, ownConnection: true }, method, path, body);
}

interface LogLine {
  readonly msg: string;
  readonly worker?: number;
  readonly pid?: number;
  readonly route?: string;
  readonly method?: string;
}

function linesOf(err: string, message: string): readonly LogLine[] {
  // The last line may still be on its way.
  const whole = err.slice(0, err.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg === message);
}

/** The processes that served in the place of a worker so far. */
function pidsOf({ written }: Launched, worker: number): readonly number[] {
  const served = linesOf(written().err, 'a worker serves');
  return served.filter((line) => line.worker === worker).map(({ pid = 0 }) => pid);
}

/** How many of the reads a worker answered, by its log. */
function readsBy({ written }: Launched, worker: number): number {
  return linesOf(written().err, 'request').filter(
    (line) =>
      line.worker === worker && line.method === 'GET' && line.route === '/v1/organizations/{org}',
  ).length;
}

/** How many reads the page of figures counts. */
function countedReads(page: string): number {
  const line = page
    .split('\n')
    .find(
      (text) =>
        text.startsWith('rolecall_http_request_duration_seconds_count') &&
        text.includes('method="GET"') &&
        text.includes('route="/v1/organizations/{org}"'),
    );
  return Number(line?.split(' ').at(-1));
}
