import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@rolecall/testkit';
import { v1 } from '@authzed/authzed-node';
import { ensureGoProgram, SPICEDB } from './go-programs.ts';
import { type Facts, post, runProgram, type Service, startProgram } from './service.ts';

const SCHEMA = `
definition user {}
definition role {
  relation assignee: user
}
definition project {
  relation reader: role#assignee
  permission read = reader
}`;

const KEY = 'bench';
/** The most relationships that one write takes. */
const PAGE = 1_000;

/** SpiceDB on a database of its own, with its caches, which are on unless switched off. */
export async function startSpiceDb(databaseUrl: string, facts: Facts): Promise<Service> {
  const program = ensureGoProgram(SPICEDB);
  const datastore = ['--datastore-engine', 'postgres', '--datastore-conn-uri', databaseUrl];
  await runProgram(program, ['datastore', 'migrate', 'head', ...datastore]);
  const [port, grpc] = [await freePort(), await freePort()];
  const running = await startProgram(
    program,
    [
      'serve',
      ...datastore,
      ...['--grpc-preshared-key', KEY, '--grpc-addr', `127.0.0.1:${grpc}`],
      ...['--http-enabled', '--http-addr', `127.0.0.1:${port}`],
      ...['--telemetry-endpoint', '', '--metrics-enabled=false', '--log-level', 'error'],
      ...['--datastore-conn-pool-read-max-open', '20', '--skip-release-check'],
    ],
    port,
  );
  const url = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Bearer ${KEY}` };
  await untilReady(() => post(`${url}/v1/schema/write`, { schema: SCHEMA }, headers));
  const updates = [
    ...facts.memberships.map(([user, role]) =>
      relationship({ objectType: 'role', objectId: role }, 'assignee', {
        object: { objectType: 'user', objectId: user },
      }),
    ),
    ...facts.grants.map(([role, project]) =>
      relationship({ objectType: 'project', objectId: project }, 'reader', {
        object: { objectType: 'role', objectId: role },
        optionalRelation: 'assignee',
      }),
    ),
  ];
  for (let first = 0; first < updates.length; first += PAGE) {
    const page = { updates: updates.slice(first, first + PAGE) };
    await post(`${url}/v1/relationships/write`, page, headers);
  }
  // It answers from a revision that is up to five and a half seconds old.
  await sleep(6_000);
  const client = v1.NewClient(
    KEY,
    `127.0.0.1:${grpc}`,
    v1.ClientSecurity.INSECURE_PLAINTEXT_CREDENTIALS,
  );
  return {
    processId: running.processId,
    stop: async () => {
      client.close();
      await running.stop();
    },
    name: 'SpiceDB, HTTP',
    version: SPICEDB.version,
    cache: 'dispatch, schema and revision caches as they are by default',
    port,
    request: ({ user, project }) => ({
      path: '/v1/permissions/check',
      headers,
      body: JSON.stringify({
        resource: { objectType: 'project', objectId: project },
        permission: 'read',
        subject: { object: { objectType: 'user', objectId: user } },
      }),
    }),
    batch: (questions) => ({
      path: '/v1/permissions/checkbulk',
      headers,
      body: JSON.stringify({
        items: questions.map(({ user, project }) => ({
          resource: { objectType: 'project', objectId: project },
          permission: 'read',
          subject: { object: { objectType: 'user', objectId: user } },
        })),
      }),
    }),
    allowedOf: (answer) => answer.split('PERMISSIONSHIP_HAS_PERMISSION').length - 1,
    isAllowed: (answer) => answer.includes('PERMISSIONSHIP_HAS_PERMISSION'),
    ask: async ({ user, project }) => {
      const { permissionship } = await client.promises.checkPermission(
        v1.CheckPermissionRequest.create({
          resource: { objectType: 'project', objectId: project },
          permission: 'read',
          subject: { object: { objectType: 'user', objectId: user } },
        }),
      );
      return permissionship === v1.CheckPermissionResponse_Permissionship.HAS_PERMISSION;
    },
  };
}

function relationship(resource: object, relation: string, subject: object): object {
  return { operation: 'OPERATION_TOUCH', relationship: { resource, relation, subject } };
}

/** It listens some time before it answers. */
async function untilReady(attempt: () => Promise<unknown>): Promise<void> {
  for (let nth = 0; ; nth += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (nth >= 50) throw error;
      await sleep(200);
    }
  }
}
