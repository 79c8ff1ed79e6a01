import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createRolecall } from '@rolecall/server';
import { type BenchDatabase } from '../bench-database.ts';
import { type Service } from './service.ts';

/** Rolecall's HTTP, one process, on the database that the data was made in. */
export async function startRolecall(postgres: BenchDatabase): Promise<Service> {
  const writing = createRolecall({ database: postgres.open(1) });
  const { value } = await writing.roles.createApiKey({ scope: 'check', name: 'bench' }, {});
  await writing.close();
  const script = new URL('../servers/rolecall-server.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, postgres.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    name: 'Rolecall, HTTP, one process',
    version: '',
    cache: 'memory as it is by default, bound of 2 s',
    port: Number(line),
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
    processId: child.pid ?? 0,
    stop: async () => {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
