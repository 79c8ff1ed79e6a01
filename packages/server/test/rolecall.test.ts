import { readFile } from 'node:fs/promises';
import { createTestDatabase } from '@rolecall/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createRolecall, hasCode, version } from '../src/index.ts';

const test = await createTestDatabase();
afterAll(() => test.close());

describe('Rolecall inside a host', () => {
  it('migrates, writes, decides, answers requests and closes', async () => {
    const empty = await createTestDatabase({ empty: true });
    const rolecall = createRolecall({ databaseUrl: empty.url });
    expect((await rolecall.migrate()).length).toBeGreaterThan(0);

    const { value: acme } = await rolecall.roles.createOrganization({ id: 'acme', name: 'Acme' });
    const support = await rolecall.roles.createRole(
      acme.id,
      { name: 'Support', grants: [{ scope: 'project:read' }] },
      { actor: 'user:root', requestId: 'request-1' },
    );
    const added = await rolecall.roles.addMember(acme.id, {
      id: 'alice',
      email: 'alice@acme.example',
      roleIds: [support.value.id],
    });
    const alice = await rolecall.access.principal(acme.id, 'user:alice', {
      consistency: { mode: 'at_least', revision: added.revision },
    });
    expect(alice.can('project:read', 'website')).toBe(true);
    expect(alice.can('project:write', 'website')).toBe(false);
    const events = await rolecall.roles.listAuditEvents(acme.id, { action: 'role.created' });
    expect(events.data[0]).toMatchObject({ actor: 'user:root', requestId: 'request-1' });

    const { key } = await rolecall.roles
      .createApiKey({ name: 'host', scope: 'check' })
      .then(({ value }) => value);
    const response = await rolecall.handler(
      new Request('http://host/v1/organizations/acme/check', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          principal: 'user:alice',
          checks: [{ scope: 'project:read', resource_id: 'website' }],
        }),
      }),
    );
    expect(await response.json()).toMatchObject({ allowed: true, revision: added.revision });

    await rolecall.close();
    await rolecall.close();
    await expect(rolecall.roles.getOrganization('acme')).rejects.toSatisfy((error) =>
      hasCode(error, 'shutting_down'),
    );
    await empty.close();
  });

  it('rolls a command back as a whole', async () => {
    const rolecall = createRolecall({ database: test.database });
    await rolecall.roles.createOrganization({ id: 'whole', name: 'Whole' });
    const roles = await rolecall.roles.listRoles('whole', {});
    await expect(
      rolecall.roles.createRole('whole', { name: 'Bad', grants: [], memberIds: ['nobody'] }),
    ).rejects.toSatisfy((error) => hasCode(error, 'member_not_found'));
    expect(await rolecall.roles.listRoles('whole', {})).toEqual(roles);
  });

  it('leaves a database that was given to it open', async () => {
    const rolecall = createRolecall({ database: test.database });
    await rolecall.close();
    await expect(rolecall.roles.listOrganizations({})).resolves.toBeDefined();
  });

  it('answers below a base path, and nothing beside it', async () => {
    const { handler } = createRolecall({ database: test.database, basePath: '/rolecall' });
    const statusOf = async (path: string) =>
      (await handler(new Request(`http://host${path}`))).status;
    expect(await statusOf('/rolecall/healthz')).toBe(200);
    expect(await statusOf('/healthz')).toBe(404);
    expect(await statusOf('/rolecallhealthz')).toBe(404);
  });
});

it('the version is that of the package', async () => {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  expect((JSON.parse(text) as { version: string }).version).toBe(version);
});
