import { createRolecall } from '@rolecall/server';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { type Simulator, startSimulator } from '@rolecall/workos-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, launch, type Place, rolecall, readyOf, until } from './rolecall-process.ts';

let test: TestDatabase;
let simulator: Simulator;
let place: Place;
let remoteId = '';

beforeAll(async () => {
  test = await createTestDatabase();
  simulator = await startSimulator({ rateLimits: 'off' });
  const { dashboard } = simulator;
  remoteId = dashboard.createOrganization({ name: 'Acme' }).id;
  dashboard.addMember({ organization: 'Acme', user: 'ada@acme.test', roles: ['admin'] });
  place = await createPlace({
    DATABASE_URL: test.url,
    WORKOS_API_KEY: simulator.apiKey,
    WORKOS_API_URL: simulator.url,
  });
});
afterAll(async () => {
  await place.remove();
  await simulator.close();
  await test.close();
});

it.each(['DATABASE_URL', 'WORKOS_API_KEY'])('does not start without %s', async (variable) => {
  const lacking = { ...place, environment: { ...place.environment, [variable]: '' } };
  const { code, err } = await rolecall(lacking, ['worker']);
  expect(code).toBe(2);
  expect(err).toContain(`\`worker\` needs ${variable}`);
});

it('keeps WorkOS equal beside a host that has no worker, answers about itself alone, and stops cleanly', async () => {
  const workers = [1, 2].map(() => launch(place, ['worker', '--port', '0', '--json']));
  const [{ url } = { url: '' }] = await Promise.all(workers.map(readyOf));
  const host = createRolecall({ database: test.database });
  await host.roles.createOrganization({ id: 'acme', name: 'Acme', workosId: remoteId });
  await host.roles.createRole('acme', { name: 'Auditor', grants: [{ scope: 'project:read' }] });
  await until(() => roleNames().includes('Auditor'));
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('rolecall_sync_pending');
  expect((await fetch(`${url}/v1/organizations`)).status).toBe(404);
  await host.close();
  for (const { child } of workers) child.kill('SIGTERM');
  const ended = await Promise.all(workers.map(({ finished }) => finished));
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(ended[0]?.err).toContain('rolecall stops');
});

function roleNames(): readonly unknown[] {
  return simulator.state().roles.map((role) => role['name']);
}
