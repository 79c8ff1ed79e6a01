import { startBenchDatabase } from '../bench-database.ts';
import { type Loaded, loadInTurns, type Round } from '../load/in-turns.ts';
import { type PreparedRequest } from '../load/request-bytes.ts';
import { count, duration, ratio } from '../measure.ts';
import { type StartedServer, startServer } from '../servers/start-server.ts';
import { processorTime } from '../services/service.ts';
import { atLeast, type Target } from '../target.ts';
import { prepareChecks, seedCheckedMembers } from '../workload/check-requests.ts';
import { type Findings, type Suite } from './index.ts';

const seconds = 2;
const warmUpSeconds = 6;
const rounds = 5;
const share = 0.8;
const connections = 16;

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
    const members = await seedCheckedMembers(postgres);
    const servers: Servers = {
      own: await startServer('rolecall-server', { args: [postgres.url] }),
      bare: await startServer('parse-server'),
    };
    const rows: string[][] = [];
    const targets: Target[] = [];
    for (const checks of [1, 10, 100]) {
      const { own, bare } = await compare(servers, prepareChecks(members, checks));
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
        'Rolecall and the bare route in turns after a warm-up; the medians count. ' +
        `${members.description}. Each server is one process, and the load, which costs ` +
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

interface Servers {
  readonly own: StartedServer;
  readonly bare: StartedServer;
}

interface Compared {
  readonly own: Round;
  readonly bare: Round;
}

async function compare(servers: Servers, requests: readonly PreparedRequest[]): Promise<Compared> {
  const turns = { requests, connections, rounds, seconds, warmUpSeconds };
  const [own, bare] = await loadInTurns([loaded(servers.own), loaded(servers.bare)], turns);
  if (own === undefined || bare === undefined) throw new Error('a server was not measured');
  return { own, bare };
}

function loaded({ port, processId }: StartedServer): Loaded {
  return { port, processorTime: () => processorTime(processId) ?? Number.NaN };
}
