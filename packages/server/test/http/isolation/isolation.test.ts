import { endpoints, type OperationId } from '@rolecall/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { pathOf, startApi } from '../api.ts';
import { outsideOwn, type Probe, withinOwn } from './probes.ts';
import { tapStatements } from './statements.ts';
import { buildTenants, contentsOf, type Ids, type Tenants } from './tenants.ts';

const api = await startApi();
afterAll(() => api.close());
const { db } = api.test;
const statements = tapStatements();
const operations = Object.keys(endpoints) as OperationId[];

interface Outcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

let nonce = 0;

async function send(id: OperationId, probe: Probe, as: string): Promise<Outcome> {
  const { path, method } = endpoints[id];
  const query = new URLSearchParams(probe.query).toString();
  const url = `http://x${pathOf(path, probe.params ?? {})}${query === '' ? '' : `?${query}`}`;
  const request = new Request(url, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${as}`,
      ...(probe.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(probe.body !== undefined && { body: JSON.stringify(probe.body) }),
  });
  const response = await api.fetch(request);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

/** What differs by nature between two answers that are otherwise the same. */
const volatile: ReadonlySet<string> = new Set([
  'id',
  'key',
  'hint',
  'name',
  'revision',
  'sequence',
  'version',
  'member_count',
  'total',
  'rolecall-revision',
  'location',
]);

/** An outcome without the ids that were sent, times, and ids that were made up for it. */
function blurred({ status, headers, body }: Outcome, target: Ids): string {
  const content: unknown = headers['content-type']?.includes('json') ? JSON.parse(body) : body;
  return JSON.stringify({ status, headers, content }, (name, value: unknown) => {
    if (volatile.has(name)) return `<${name}>`;
    return typeof value === 'string' ? blurredText(value, target) : value;
  });
}

function blurredText(text: string, { org, roleId, userId, apiKeyId, workosId }: Ids): string {
  const ids = { org, roleId, userId, apiKeyId, workosId };
  return Object.entries(ids)
    .reduce((blurring, [name, id]) => blurring.replaceAll(id, `<${name}>`), text)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}

/** What one probe gives away of the other organization: nothing, or sentences that say what. */
async function leaksOf(
  id: OperationId,
  probesOf: (typeof withinOwn)[OperationId],
  tenants: Tenants,
  as: string,
): Promise<readonly string[]> {
  const { own, other, absent, secret } = tenants;
  nonce += 1;
  const atOther = probesOf(own, other, `a${nonce}`);
  const atNothing = probesOf(own, absent, `b${nonce}`);
  const before = await contentsOf(db, other);
  const leaks: string[] = [];
  for (const [index, probe] of atOther.entries()) {
    const twin = atNothing[index];
    if (twin === undefined) throw new Error('a probe depends on more than its target');
    const what = `${id}, ${probe.name}`;
    const real = await send(id, probe, as);
    const control = await send(id, twin, as);
    if (real.body.includes(secret)) leaks.push(`${what}: the answer shows contents`);
    const [left, right] = [blurred(real, other), blurred(control, absent)];
    if (left !== right) leaks.push(`${what}: differs from what is absent:\n${left}\n${right}`);
  }
  if ((await contentsOf(db, other)) !== before) leaks.push(`${id}: the other organization changed`);
  return leaks;
}

describe('within an organization, what belongs to another one is not there', () => {
  it.each(operations)('for a key of the environment: %s', async (id) => {
    const tenants = await buildTenants(db);
    expect(await leaksOf(id, withinOwn[id], tenants, api.key.secret)).toEqual([]);
  });

  it.each(operations)('for a key of the organization: %s', async (id) => {
    const tenants = await buildTenants(db);
    expect(await leaksOf(id, withinOwn[id], tenants, tenants.keys.manage)).toEqual([]);
  });
});

describe('to a key of one organization, another one is as good as none', () => {
  it.each(operations)('with the scope `manage`: %s', async (id) => {
    const tenants = await buildTenants(db);
    expect(await leaksOf(id, outsideOwn[id], tenants, tenants.keys.manage)).toEqual([]);
  });

  it.each(operations)('with the scope `check`: %s', async (id) => {
    const tenants = await buildTenants(db);
    expect(await leaksOf(id, outsideOwn[id], tenants, tenants.keys.check)).toEqual([]);
  });

  it('is refused before anything is read', async () => {
    const { own, other, keys } = await buildTenants(db);
    for (const id of operations) {
      for (const probe of outsideOwn[id](own, other, 'x')) {
        if (probe.params?.['org'] !== other.org) continue;
        const [outcome, sent] = await statements.record(() => send(id, probe, keys.manage));
        expect([id, outcome.status]).toEqual([id, 404]);
        expect(sent.map(({ text }) => text)).toEqual([expect.stringContaining('api_keys')]);
      }
    }
  });
});

describe('to a key of one organization, its own is all there is', () => {
  it('in the lists of organizations and of API keys', async () => {
    const { own, keys } = await buildTenants(db);
    const { body } = await api.ok('listOrganizations', { as: keys.manage });
    expect(body.data.map(({ id }) => id)).toEqual([own.org]);
    expect(body.total).toBe(1);
    const listed = await api.ok('listApiKeys', { as: keys.manage });
    expect(new Set(listed.body.data.map((key) => key.organization_id))).toEqual(new Set([own.org]));
  });
});
