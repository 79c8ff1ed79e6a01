import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRolecall } from '@rolecall/server';
import { seedMany, type SeededIds } from '@rolecall/testkit';
import autocannon from 'autocannon';
import { type BenchDatabase, startBenchDatabase } from '../bench-database.ts';
import { count, ratio } from '../measure.ts';
import { type Findings, type Suite } from './index.ts';

const seconds = 10;
const connections = 16;

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
    for (const checks of [1, 10, 100]) {
      const own = await load(ports.rolecall, key, ids, checks);
      const bare = await load(ports.parseOnly, key, ids, checks);
      rows.push([
        String(checks),
        count(own.requests),
        count(own.requests * checks),
        `${own.p50.toFixed(1)} ms`,
        `${own.p99.toFixed(1)} ms`,
        count(bare.requests),
        ratio(own.requests, bare.requests),
      ]);
    }
    server.stdin.end();
    await once(server, 'close');
    return {
      method:
        `autocannon with ${String(connections)} connections for ${String(seconds)} seconds each, members and projects ` +
        'at random among 4,000 members; the server is one process, and the load comes from the other core. ' +
        'The bare route is the same Hono, parsing the same body and looking nothing up.',
      columns: [
        'checks a call',
        'calls per second',
        'checks per second',
        'p50',
        'p99',
        'bare route, calls per second',
        'against the bare route',
      ],
      rows,
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

async function load(
  port: number,
  key: string,
  ids: SeededIds,
  checks: number,
): Promise<{ requests: number; p50: number; p99: number }> {
  let turn = 0;
  const result = await autocannon({
    url: `http://127.0.0.1:${String(port)}`,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        setupRequest: (request) => {
          turn += 1;
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
            ...request,
            path: `/v1/organizations/${ids.organization(organization)}/check`,
            body: JSON.stringify(body),
          };
        },
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(
      `${String(result.non2xx)} answers were not 2xx, ${String(result.errors)} failed`,
    );
  }
  return { requests: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}
