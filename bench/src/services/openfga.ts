import { freePort } from '@rolecall/testkit';
import { ensureGoProgram, OPENFGA } from './go-programs.ts';
import { type Facts, post, runProgram, type Service, startProgram } from './service.ts';

const MODEL = {
  schema_version: '1.1',
  type_definitions: [
    { type: 'user' },
    {
      type: 'role',
      relations: { assignee: { this: {} } },
      metadata: { relations: { assignee: { directly_related_user_types: [{ type: 'user' }] } } },
    },
    {
      type: 'project',
      relations: { reader: { this: {} } },
      metadata: {
        relations: {
          reader: { directly_related_user_types: [{ type: 'role', relation: 'assignee' }] },
        },
      },
    },
  ],
};

/** The most tuples that one write takes. */
const PAGE = 100;

/** OpenFGA on a database of its own, with both of its caches for checks switched on and far from full. */
export async function startOpenFga(databaseUrl: string, facts: Facts): Promise<Service> {
  const program = ensureGoProgram(OPENFGA);
  const datastore = ['--datastore-engine', 'postgres', '--datastore-uri', databaseUrl];
  await runProgram(program, ['migrate', ...datastore]);
  const [port, grpc] = [await freePort(), await freePort()];
  const running = await startProgram(
    program,
    [
      'run',
      ...datastore,
      ...['--http-addr', `127.0.0.1:${port}`, '--grpc-addr', `127.0.0.1:${grpc}`],
      ...['--playground-enabled=false', '--metrics-enabled=false', '--log-level', 'error'],
      ...['--check-query-cache-enabled', '--check-query-cache-ttl', '10m'],
      ...['--check-iterator-cache-enabled', '--check-iterator-cache-ttl', '10m'],
      ...['--check-cache-limit', '1000000'],
    ],
    port,
  );
  const url = `http://127.0.0.1:${port}`;
  const { id: store } = await post<{ id: string }>(`${url}/stores`, { name: 'bench' });
  const { authorization_model_id: model } = await post<{ authorization_model_id: string }>(
    `${url}/stores/${store}/authorization-models`,
    MODEL,
  );
  const tuples = [
    ...facts.memberships.map(([user, role]) => ({
      user: `user:${user}`,
      relation: 'assignee',
      object: `role:${role}`,
    })),
    ...facts.grants.map(([role, project]) => ({
      user: `role:${role}#assignee`,
      relation: 'reader',
      object: `project:${project}`,
    })),
  ];
  for (let first = 0; first < tuples.length; first += PAGE) {
    const writes = { tuple_keys: tuples.slice(first, first + PAGE) };
    await post(`${url}/stores/${store}/write`, { writes, authorization_model_id: model });
  }
  return {
    ...running,
    name: 'OpenFGA, HTTP',
    version: OPENFGA.version,
    cache: 'check query cache and iterator cache on, ten minutes, a million entries',
    port,
    request: ({ user, project }) => ({
      path: `/stores/${store}/check`,
      headers: {},
      body: JSON.stringify({
        authorization_model_id: model,
        tuple_key: { user: `user:${user}`, relation: 'reader', object: `project:${project}` },
      }),
    }),
    batch: (questions) => ({
      path: `/stores/${store}/batch-check`,
      headers: {},
      body: JSON.stringify({
        authorization_model_id: model,
        checks: questions.map(({ user, project }, nth) => ({
          tuple_key: { user: `user:${user}`, relation: 'reader', object: `project:${project}` },
          correlation_id: String(nth),
        })),
      }),
    }),
    allowedOf: (answer) => {
      const { result } = JSON.parse(answer) as { result: Record<string, { allowed?: boolean }> };
      return Object.values(result).filter(({ allowed }) => allowed).length;
    },
    isAllowed: (answer) => (JSON.parse(answer) as { allowed?: boolean }).allowed === true,
  };
}
