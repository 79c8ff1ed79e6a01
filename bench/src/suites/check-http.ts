import { createRolecall } from '@rolecall/server';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { loadHttp, type LoadFound } from '../load/http-load.ts';
import { type PreparedRequest } from '../load/request-bytes.ts';
import { count, duration, ratio } from '../measure.ts';
import { median } from '../nanos.ts';
import { type StartedServer, startServer } from '../servers/start-server.ts';
import { processorTime } from '../services/service.ts';
import { atLeast, type Target } from '../target.ts';
import { type Findings, type Suite } from './index.ts';

const seconds = 2;
const warmUpSeconds = 6;
const rounds = 5;
const prepared = 256;
const share = 0.8;
const connections = 16;
const roles = 20;
const rolesHeld = 3;

const work = '`POST /check`, one check, against a route that only parses the same body';
const judgement = {
  show: (value: number) => `${String(Math.round(value * 100))} % of its requests per second`,
  why: 'what is left is the price of sending the answer, of the key and of the body: docs/performance.md',
};

/** Checks over HTTP by one process, beside a route that only parses the same body. */
export const checkHttp: Suite = { name: 'check-http', title: 'Checks over HTTP', run };

async function run(): Promise<Findings> {
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const ids = await seedMany(postgres.url, {
      organizations: 20,
      membersPerOrganization: 200,
      rolesPerOrganization: roles,
      rolesPerMember: rolesHeld,
    });
    const key = await createKey(postgres);
    const servers: Servers = {
      own: await startServer('rolecall-server', { args: [postgres.url] }),
      bare: await startServer('parse-server'),
    };
    const rows: string[][] = [];
    const targets: Target[] = [];
    for (const checks of [1, 10, 100]) {
      const { own, bare } = await compare(servers, prepare(key, ids, checks));
      rows.push([
        String(checks),
        count(own.perSecond),
        count(own.perSecond * checks),
        duration(own.p50 * 1000),
        duration(own.p99 * 1000),
        duration(own.processorMicros),
        count(bare.perSecond),
        duration(bare.p99 * 1000),
        duration(bare.processorMicros),
        ratio(own.perSecond, bare.perSecond),
      ]);
      if (checks === 1) {
        targets.push(atLeast(work, own.perSecond / bare.perSecond, share, judgement));
      }
    }
    await servers.own.stop();
    await servers.bare.stop();
    return {
      method:
        `${String(connections)} connections, each of which asks again as soon as it is answered, in ${String(rounds)} rounds of ${String(seconds)} seconds, ` +
        'Rolecall and the bare route in turns after a warm-up; the medians count. Requests are made beforehand, ' +
        `${String(prepared)} that go round, of as many members of 20 organizations, about half of the checks allowed; each server is one process, and the load, which costs ` +
        'less than the servers do, comes from the other core. The bare route is Hono, served as its documentation says, parsing the ' +
        'same body and looking nothing up. Processor time is that of the server, whoever else had the cores meanwhile.',
      columns: [
        'checks a call',
        'calls per second',
        'checks per second',
        'p50',
        'p99',
        'processor time a call',
        'bare route, calls per second',
        'bare route, p99',
        'bare route, processor time a call',
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

/** The requests of a size; every other check is of a role that the member holds. */
function prepare(key: string, ids: SeededIds, checks: number): readonly PreparedRequest[] {
  return Array.from({ length: prepared }, (_, turn) => {
    const organization = 1 + ((turn * 31) % 20);
    const member = 2 + ((turn * 7919) % 198);
    const roleOf = (nth: number): number =>
      ((turn + nth) % 2 === 0 ? member + (nth % rolesHeld) + 1 : turn + nth) % roles;
    const body = {
      principal: `user:${ids.user(organization, member)}`,
      require: 'any',
      checks: Array.from({ length: checks }, (_, nth) => ({
        scope: 'project:read',
        resource_id: ids.project(1 + roleOf(nth), 1 + (nth % 10)),
      })),
    };
    return {
      path: `/v1/organizations/${ids.organization(organization)}/check`,
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    };
  });
}

interface Servers {
  readonly own: StartedServer;
  readonly bare: StartedServer;
}

interface Round extends LoadFound {
  /** Of the server, for each call. */
  readonly processorMicros: number;
}

interface Compared {
  readonly own: Round;
  readonly bare: Round;
}

/** Both in turns after a warm-up, each going first in every other round; the medians count. */
async function compare(servers: Servers, requests: readonly PreparedRequest[]): Promise<Compared> {
  await load(servers.own, requests, warmUpSeconds);
  await load(servers.bare, requests, warmUpSeconds);
  const own: Round[] = [];
  const bare: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ownFirst = round % 2 === 0;
    if (ownFirst) own.push(await load(servers.own, requests, seconds));
    bare.push(await load(servers.bare, requests, seconds));
    if (!ownFirst) own.push(await load(servers.own, requests, seconds));
  }
  return { own: middle(own), bare: middle(bare) };
}

function middle(measured: readonly Round[]): Round {
  const of = (figure: keyof Round): number => median(measured.map((round) => round[figure]));
  return {
    answered: of('answered'),
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    processorMicros: of('processorMicros'),
  };
}

async function load(
  { port, processId }: StartedServer,
  requests: readonly PreparedRequest[],
  duration: number,
): Promise<Round> {
  const before = processorTime(processId) ?? Number.NaN;
  const found = await loadHttp({ port, requests, connections, seconds: duration });
  const after = processorTime(processId) ?? Number.NaN;
  return { ...found, processorMicros: (after - before) / found.answered };
}
