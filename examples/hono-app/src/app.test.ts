import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp, openRolecall } from './app.ts';

const test = await createTestDatabase();
const rolecall = openRolecall(test.url);
const documents = new Map([
  ['plan', 'the plan'],
  ['salaries', 'a secret'],
]);
const app = createApp(rolecall, documents);

beforeAll(async () => {
  await rolecall.roles.createOrganization({ id: 'acme', name: 'Acme' });
  const { value: editor } = await rolecall.roles.createRole('acme', {
    name: 'Plan editor',
    grants: [
      {
        scope: 'document:write',
        selectors: [{ resource_kind: 'document', resource_id: 'plan' }],
      },
    ],
  });
  await rolecall.roles.addMember('acme', {
    id: 'alice',
    email: 'alice@acme.example',
    roleIds: [editor.id],
  });
});
afterAll(async () => {
  await rolecall.close();
  await test.close();
});

const ask = (path: string, user: string, init: RequestInit = {}) =>
  app.request(path, { ...init, headers: { 'x-user': user } });

it('lets a member do what their role grants, and what that implies', async () => {
  const written = await ask('/acme/documents/plan', 'alice', { method: 'PUT', body: 'a new plan' });
  expect(written.status).toBe(204);
  const read = await ask('/acme/documents/plan', 'alice');
  expect(await read.text()).toBe('a new plan');
});

it('refuses everything else', async () => {
  expect((await ask('/acme/documents/salaries', 'alice')).status).toBe(403);
  expect((await ask('/acme/documents/plan', 'stranger')).status).toBe(403);
});

it('lists what may be read', async () => {
  expect(await (await ask('/acme/documents', 'alice')).json()).toEqual(['plan']);
});

it('refuses the request after a revocation', async () => {
  const { data } = await rolecall.roles.listRoles('acme', {});
  const member = data.find((role) => role.slug === 'member');
  const plan = data.find((role) => role.name === 'Plan editor');
  await rolecall.roles.updateRole('acme', { roleId: plan?.id ?? '', grants: [] });
  await rolecall.roles.setMemberRoles('acme', { userId: 'alice', roleIds: [member?.id ?? ''] });
  const write = await ask('/acme/documents/plan', 'alice', { method: 'PUT', body: 'once more' });
  expect(write.status).toBe(403);
  expect(documents.get('plan')).toBe('a new plan');
});
