import { createHash } from 'node:crypto';
import { type AnyEndpoint, endpoints, type OperationId } from '@rolecall/contract';
import { buildOrganization } from '@rolecall/testkit';
import { startSimulator } from '@rolecall/workos-simulator';
import { type Api, pathOf, startApi } from '../api.ts';
import { type Probe, type withinOwn } from './probes.ts';
import { buildTenants, contentsOf, type Ids, remoteOf, type Tenants } from './tenants.ts';

export const operations = Object.keys(endpoints) as OperationId[];

/** The HTTP API with organizations that must not know of each other. */
export interface Isolation {
  readonly api: Api;
  /** For what changes nothing. */
  readonly shared: Tenants;
  /** Tenants that nobody has changed; what only reads may share them. */
  readonly tenantsFor: (id: OperationId) => Promise<Tenants>;
  readonly send: (id: OperationId, probe: Probe, as: string) => Promise<Outcome>;
  /** What one probe gives away of the other organization: nothing, or sentences that say what. */
  readonly leaksOf: (
    id: OperationId,
    probesOf: (typeof withinOwn)[OperationId],
    tenants: Tenants,
    as: string,
  ) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

export interface Outcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const changes = (id: OperationId): boolean => {
  const { writes, acts }: AnyEndpoint = endpoints[id];
  return writes === true || acts === true;
};

/** These compare the organization with WorkOS, so it has to be there. */
const comparing: readonly OperationId[] = ['findSyncDrift', 'repairSync'];

/** Opens the API on a database of its own, beside a simulated WorkOS. */
export async function openIsolation(): Promise<Isolation> {
  const simulator = await startSimulator({ rateLimits: 'off' });
  const api = await startApi({
    workos: {
      apiKey: simulator.apiKey,
      apiUrl: simulator.url,
      webhookSecrets: ['whsec_of_a_test'],
    },
  });
  const { db } = api.test;
  let nonce = 0;

  const send: Isolation['send'] = async (id, probe, as) => {
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
  };

  const leaksOf: Isolation['leaksOf'] = async (id, probesOf, tenants, as) => {
    const { own, other, absent } = tenants;
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
      const words = confidentialWords(real.body, tenants);
      if (words.length > 0) leaks.push(`${what}: the answer shows ${words.join(', ')}`);
      if (real.status >= 500) leaks.push(`${what}: fails with ${real.status}`);
      if (!changes(id) && /"(state|enforcement)":"(off|shadow)"/.test(real.body)) {
        leaks.push(`${what}: the answer shows an enforcement that is not its own`);
      }
      if (id === 'getAuditHead' && real.status === 200 && !real.body.includes(auditHeadOf(own))) {
        leaks.push(`${what}: the answer shows a head that is not its own`);
      }
      if (miscounts(real)) leaks.push(`${what}: counts what it does not show`);
      if (probe.alone === true) continue;
      const control = await send(id, twin, as);
      const [left, right] = [blurred(real, other), blurred(control, absent)];
      if (left !== right) leaks.push(`${what}: differs from what is absent:\n${left}\n${right}`);
    }
    if ((await contentsOf(db, other)) !== before)
      leaks.push(`${id}: the other organization changed`);
    return leaks;
  };

  // The first row of a table that nobody asks by organization is one of these, and not the own one.
  const linking = { simulator, own: false };
  await buildOrganization(db, {
    id: 'first',
    name: 'confidential0first',
    enforcement: 'off',
    workosId: remoteOf(linking, 'first', 'confidential0first'),
  });
  const shared = await buildTenants(db);

  const tenantsFor: Isolation['tenantsFor'] = async (id) => {
    if (comparing.includes(id)) return buildTenants(db, { simulator, own: true });
    return changes(id) ? buildTenants(db) : shared;
  };
  const close = async (): Promise<void> => {
    await api.close();
    await simulator.close();
  };
  return { api, shared, tenantsFor, send, leaksOf, close };
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
  'oldest_pending_seconds',
  'cursor_age_seconds',
  'budget_left',
]);

function contentOf(mediaType: string, body: string): unknown {
  if (!mediaType.includes('json')) return body;
  if (!mediaType.includes('ndjson')) return JSON.parse(body);
  return body.split('\n').map((line): unknown => (line === '' ? '' : JSON.parse(line)));
}

/** An outcome without the ids that were sent, times, and ids that were made up for it. */
function blurred({ status, headers, body }: Outcome, target: Ids): string {
  const content = contentOf(headers['content-type'] ?? '', body);
  return JSON.stringify({ status, headers, content }, (name, value: unknown) => {
    if (volatile.has(name)) return `<${name}>`;
    if (name === 'drift' && Array.isArray(value)) return inOneOrder(value as Difference[]);
    return typeof value === 'string' ? blurredText(value, target) : value;
  });
}

interface Difference {
  readonly here: unknown;
}

/** What is listed by ids that are drawn has another order every time. */
function inOneOrder(drift: readonly Difference[]): readonly Difference[] {
  const textOf = ({ here }: Difference): string => JSON.stringify(here);
  return drift.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

function blurredText(text: string, target: Ids): string {
  const { org, roleId, userId, apiKeyId, workosId, roleName, importKey } = target;
  return Object.entries({ org, roleId, userId, apiKeyId, workosId, roleName, importKey })
    .toSorted(([, a], [, b]) => b.length - a.length)
    .reduce((blurring, [name, id]) => blurring.replaceAll(id, `<${name}>`), text)
    .replaceAll(/org-team-of-[a-z]+-\d+/g, '<slug>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}

/** Whether a list that is on one page says that there is more. */
function miscounts({ status, body }: Outcome): boolean {
  if (status !== 200 || !body.startsWith('{"data":')) return false;
  const page = JSON.parse(body) as { data: unknown[]; next_cursor?: unknown; total?: number };
  return page.next_cursor === null && page.total !== page.data.length;
}

/** Words of other organizations than the own one. */
function confidentialWords(text: string, { word }: Tenants): readonly string[] {
  const words = new Set(text.match(/confidential\d+[a-z]+/g));
  words.delete(word);
  return [...words];
}

/** The hash that stands for the history of a tenant. */
function auditHeadOf({ org }: Ids): string {
  return createHash('sha256').update(org).digest('hex');
}
