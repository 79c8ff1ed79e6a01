import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRolecall } from '@rolecall/server';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import autocannon from 'autocannon';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { count, ratio } from '../measure.ts';
import { atLeast, type Target } from '../target.ts';
import { type Findings, type Suite } from './index.ts';

const seconds = 2;
const warmUpSeconds = 1;
const rounds = 5;
const prepared = 256;
const share = 0.8;
const connections = 16;

const work = '`POST /check`, one check, against a route that only parses the same body';
const judgement = {
  show: (value: number) => `${String(Math.round(value * 100))} % of its requests per second`,
  why: 'what is left is the price of sending the answer, of the key and of the body: docs/performance.md',
};

/** Checks over HTTP by one process, beside a route that only parses the same body. */
export const checkHttp: Suite = { name: 'check-http', title: 'Checks over HTTP', run };

interface Ports {
  readonly rolecall: number;
  readonly parseOnly: number;
}

async function run(): Promise<Findings> {
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const ids = await seedMany(postgres.url, {
      organizations: 20,
      membersPerOrganization: 200,
      rolesPerMember: 3,
    });
    const key = await createKey(postgres);
    const server = spawn(
      process.execPath,
      [join(import.meta.dirname, '../servers/check-server.ts'), postgres.url],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const ports = JSON.parse(line) as Ports;
    const rows: string[][] = [];
    const targets: Target[] = [];
    for (const checks of [1, 10, 100]) {
      const { own, bare } = await compare(ports, prepare(key, ids, checks));
      rows.push([
        String(checks),
        count(own.requests),
        count(own.requests * checks),
        `${own.p50.toFixed(1)} ms`,
        `${own.p99.toFixed(1)} ms`,
        count(bare.requests),
        `${bare.p99.toFixed(1)} ms`,
        ratio(own.requests, bare.requests),
      ]);
      if (checks === 1) targets.push(atLeast(work, own.requests / bare.requests, share, judgement));
    }
    server.stdin.end();
    await once(server, 'close');
    return {
      method:
        `autocannon with ${String(connections)} connections in ${String(rounds)} rounds of ${String(seconds)} seconds, ` +
        'Rolecall and the bare route in turns after a warm-up; the medians count. Requests are made beforehand, ' +
        `${String(prepared)} that go round, of as many members of 20 organizations; the server is one process, and the load comes from the other core. ` +
        'The bare route is the same Hono, parsing the same body and looking nothing up.',
      columns: [
        'checks a call',
        'calls per second',
        'checks per second',
        'p50',
        'p99',
        'bare route, calls per second',
        'bare route, p99',
        'against the bare route',
      ],
      rows,
      targets,
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

async function createKey(postgres: BenchDatabase): Promise<string> {
  const rolecall = createRolecall({ database: postgres.open(1) });
  const { value } = await rolecall.roles.createApiKey({ scope: 'check', name: 'bench' }, {});
  await rolecall.close();
  return value.key;
}

/** The requests of a size, made before anything is timed: making one costs as much as answering it. */
function prepare(key: string, ids: SeededIds, checks: number): readonly autocannon.Request[] {
  return Array.from({ length: prepared }, (_, turn) => {
    const organization = 1 + ((turn * 31) % 20);
    const body = {
      principal: `user:${ids.user(organization, 2 + ((turn * 7919) % 198))}`,
      require: 'any',
      checks: Array.from({ length: checks }, (_, nth) => ({
        scope: 'project:read',
        resource_id: ids.project(1 + ((turn + nth) % 20), 1 + (nth % 10)),
      })),
    };
    return {
      method: 'POST',
      path: `/v1/organizations/${ids.organization(organization)}/check`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  });
}

interface Round {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

interface Compared {
  readonly own: Round;
  readonly bare: Round;
}

/** Both in turns after a warm-up, each going first in every other round; the medians count. */
async function compare(ports: Ports, requests: readonly autocannon.Request[]): Promise<Compared> {
  await load(ports.rolecall, requests, warmUpSeconds);
  await load(ports.parseOnly, requests, warmUpSeconds);
  const own: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ownFirst = round % 2 === 0;
    if (ownFirst) own.push(await load(ports.rolecall, requests, seconds));
    bare.push(await load(ports.parseOnly, requests, seconds));
    if (!ownFirst) own.push(await load(ports.rolecall, requests, seconds));
  }
  return { own: middle(own), bare: middle(bare) };
}

function middle(measured: readonly Round[]): Round {
  return {
    requests: median(measured.map(({ requests }) => requests)),
    p50: median(measured.map(({ p50 }) => p50)),
    p99: median(measured.map(({ p99 }) => p99)),
  };
}

/** The one in the middle; the number of rounds is odd. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function load(
  port: number,
  requests: readonly autocannon.Request[],
  duration: number,
): Promise<Round> {
  const url = `http://127.0.0.1:${String(port)}`;
  const result = await autocannon({ url, connections, duration, requests: [...requests] });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${String(result.non2xx)} answers were not 2xx, ${String(result.errors)} failed`,
    );
  }
  const { p50, p99 } = result.latency;
  return { requests: result.requests.total / result.duration, p50, p99 };
}
