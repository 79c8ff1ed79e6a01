import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  callApi,
  createPlace,
  fromSources,
  launch,
  type Place,
  readyOf,
  repository,
  rolecall,
  startRolecall,
} from './rolecall-process.ts';

const key = 'rk_a_key_for_this_test_alone_0007';
let test: TestDatabase;
let place: Place;
let file: string;

/** An ES module finds its packages from where it lies, as a host's file does from the host's folder. */
function packageAt(folder: string): string {
  return JSON.stringify(join(repository, folder, 'src/index.ts'));
}

const CONFIG = `
import { defineConfig } from ${packageAt('apps/rolecall')};
import { definePolicy, organizationKind } from ${packageAt('packages/policy')};

export default defineConfig({
  policy: definePolicy({
    kinds: {
      org: organizationKind,
      invoice: {
        description: 'An invoice',
        actions: {
          view: { description: 'See an invoice' },
          approve: { description: 'Approve an invoice', implies: ['view'] },
        },
        dimensions: { country: { values: ['fi', 'se'] } },
      },
    },
    system_roles: { admin: 'all', member: ['org:read', 'invoice:view'] },
  }),
});
`;

beforeAll(async () => {
  test = await createTestDatabase();
  // The file and the program then share what they import, as where both are installed.
  place = fromSources(await createPlace({ DATABASE_URL: test.url, ROLECALL_API_KEY: key }));
  file = join(place.directory, 'rolecall.config.ts');
  await writeFile(file, CONFIG);
});
afterAll(async () => {
  await place.remove();
  await test.close();
});

it('`serve` reports the policy of the host, decides by it, and knows no other', async () => {
  const served = launch(place, ['serve', '--json', '--config', file]);
  const { child, finished } = served;
  const { url } = await readyOf(served);
  const server = { url, key };
  await expectInvoices(server);

  const organization = '/v1/organizations/acme';
  await callApi(server, 'POST', '/v1/organizations', { id: 'acme', name: 'Acme' });
  await callApi(server, 'POST', `${organization}/members`, { id: 'ann', email: 'ann@acme.test' });
  const role = await callApi(server, 'POST', `${organization}/roles`, {
    name: 'Approvers in Finland',
    grants: [
      {
        scope: 'invoice:approve',
        effect: 'allow',
        selectors: [{ resource_kind: 'invoice', resource_id: '*', country: 'fi' }],
      },
    ],
    member_ids: ['ann'],
  });
  expect(role.status).toBe(201);

  const check = async (...checks: readonly object[]) => {
    const { status, body } = await callApi(server, 'POST', `${organization}/check`, {
      principal: 'user:ann',
      checks,
    });
    return { status, body };
  };
  const asked = { scope: 'invoice:approve', resource_id: 'i-1' };
  expect(await check({ ...asked, dimensions: { country: 'fi' } })).toMatchObject({
    body: { allowed: true },
  });
  expect(await check({ ...asked, dimensions: { country: 'se' } })).toMatchObject({
    body: { allowed: false },
  });
  // The role of every member sees invoices wherever they are; so says the policy of the host.
  expect(await check({ scope: 'invoice:view', resource_id: 'i-1' })).toMatchObject({
    body: { allowed: true },
  });
  expect(await check({ scope: 'project:read', resource_id: 'website' })).toMatchObject({
    status: 400,
    body: { code: 'invalid_check' },
  });

  child.kill('SIGTERM');
  expect((await finished).code).toBe(0);
});

it('`start` finds it as `rolecall.config.ts` in the folder it is started in', async () => {
  const running = await startRolecall({ ...place, workingDirectory: place.directory });
  await expectInvoices({ url: running.url, key });
  expect((await running.end('SIGTERM')).code).toBe(0);
});

it('a file that cannot be used ends the start and is named', async () => {
  const broken = join(place.directory, 'broken.config.ts');
  await writeFile(broken, CONFIG.replace("implies: ['view']", "implies: ['look']"));
  const { code, err } = await rolecall(place, ['serve', '--config', broken]);
  expect(code).toBe(2);
  expect(err).toContain(broken);
  expect(err).toContain('unknown action `look`');
});

async function expectInvoices(server: { readonly url: string; readonly key: string }) {
  const { status, body } = await callApi(server, 'GET', '/v1/scopes');
  expect(status).toBe(200);
  const text = JSON.stringify(body);
  expect(text).toContain('invoice:approve');
  expect(text).toContain('country');
  expect(text).not.toContain('project:read');
}
