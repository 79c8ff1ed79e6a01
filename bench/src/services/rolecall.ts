import { createRolecall } from '@rolecall/server';
import { type BenchDatabase } from '../bench-database.ts';
import { startServer } from '../servers/start-server.ts';
import { type Service } from './service.ts';

/** Rolecall's HTTP, one process, on the database that the data was made in. */
export async function startRolecall(postgres: BenchDatabase): Promise<Service> {
  const writing = createRolecall({ database: postgres.open(1) });
  const { value } = await writing.roles.createApiKey({ scope: 'check', name: 'bench' }, {});
  await writing.close();
  const server = await startServer('rolecall-server', { args: [postgres.url] });
  return {
    name: 'Rolecall, HTTP, one process',
    version: '',
    cache: 'memory as it is by default, bound of 2 s',
    port: server.port,
    request: ({ organization, user, project }) => ({
      path: `/v1/organizations/${organization}/check`,
      headers: { authorization: `Bearer ${value.key}` },
      body: JSON.stringify({
        principal: `user:${user}`,
        checks: [{ scope: 'project:read', resource_id: project }],
      }),
    }),
    batch: (questions) => ({
      path: `/v1/organizations/${questions[0]?.organization ?? ''}/check`,
      headers: { authorization: `Bearer ${value.key}` },
      body: JSON.stringify({
        principal: `user:${questions[0]?.user ?? ''}`,
        checks: questions.map(({ project }) => ({ scope: 'project:read', resource_id: project })),
      }),
    }),
    allowedOf: (answer) =>
      (JSON.parse(answer) as { decisions: { allowed: boolean }[] }).decisions.filter(
        ({ allowed }) => allowed,
      ).length,
    isAllowed: (answer) => (JSON.parse(answer) as { allowed: boolean }).allowed,
    processId: server.processId,
    stop: server.stop,
  };
}
