import { builtinPolicy } from '@rolecall/policy';
import { Memory } from '../../../packages/server/src/access/memory/index.ts';
import { count } from '../measure.ts';
import { atMost } from '../target.ts';
import { type Scope } from '../workload/handles.ts';
import { randomId, type Random, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What it takes to hold every principal of very many organizations. */
export const memory: Suite = {
  name: 'memory',
  title: 'Memory for very many organizations, all warm',
  nodeFlags: ['--expose-gc', '--max-old-space-size=16384'],
  run,
};

const MEMBERS = 100;
const ROLES = 20;
const GRANTS = 50;
const ROLES_HELD = 3;

interface Held {
  readonly organizations: number;
  readonly heap: number;
  readonly rss: number;
  readonly accounted: number;
}

function run({ small }: RunOptions): Promise<Findings> {
  const sizes = small ? [100, 300, 1_000] : [1_000, 3_000, 10_000];
  const kept = new Memory<Scope>(builtinPolicy, Number.MAX_SAFE_INTEGER);
  const random = seededRandom(1);
  const empty = heapUsed();
  const held: Held[] = [];
  let organization = 0;
  for (const organizations of sizes) {
    for (; organization < organizations; organization += 1) fill(kept, organization, random);
    const heap = heapUsed() - empty;
    const { bytes: accounted, principals } = kept.counts();
    if (principals !== organizations * MEMBERS) throw new Error(`only ${principals} are held`);
    held.push({ organizations, heap, rss: process.memoryUsage().rss, accounted });
  }
  const [first, last] = [held[0], held.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const growth = last.heap / last.organizations / (first.heap / first.organizations);
  const mib = (bytes: number): string => `${count(bytes / 2 ** 20)} MiB`;
  return Promise.resolve({
    method:
      `Each organization has ${MEMBERS} members with ${ROLES_HELD} of its ${ROLES} roles each, and every role ` +
      `${GRANTS} grants on projects of its own with ids of 20 characters. All of it is taken in by the memory of ` +
      'one node, through the calls that take in what is loaded, and every member is resolved once. The heap is ' +
      'what is in use after a collection.',
    columns: [
      'organizations',
      'principals',
      'grants',
      'heap',
      'an organization',
      'process',
      'accounted for',
    ],
    rows: held.map(({ organizations, heap, rss, accounted }) => [
      count(organizations),
      count(organizations * MEMBERS),
      count(organizations * ROLES * GRANTS),
      mib(heap),
      `${(heap / organizations / 1024).toFixed(0)} KiB`,
      mib(rss),
      mib(accounted),
    ]),
    charts: [
      {
        title: 'Memory, all warm',
        x: 'organizations',
        y: 'MiB',
        series: [
          { name: 'heap', points: held.map((one) => [one.organizations, one.heap / 2 ** 20]) },
          {
            name: 'accounted',
            points: held.map((one) => [one.organizations, one.accounted / 2 ** 20]),
          },
        ],
      },
    ],
    targets: [
      atMost(
        `memory an organization at ${count(last.organizations)} organizations, against ${count(first.organizations)} (linear)`,
        growth,
        1.1,
        { show: (value) => `${value.toFixed(2)}×`, why: 'Tables of entries grow by doubling.' },
      ),
    ],
    reading: [
      `The bound on memory is kept by the accounted bytes, which are ${(last.accounted / last.heap).toFixed(2)}× of what the heap grows by.`,
    ],
  });
}

function fill(kept: Memory<Scope>, organization: number, random: Random): void {
  const organizationId = `organization-${String(organization)}`;
  const ticket = kept.beginLoad(organizationId);
  const target = kept.open(ticket, {
    revision: 1,
    epoch: 'epoch',
    enforcement: 'enforced',
    membership: 'active',
    direct: { principal: 'user:nobody', lines: '' },
    roles: [],
  });
  kept.endLoad(ticket);
  if (target === undefined) throw new Error('the organization is not kept');
  const roleIds = Array.from({ length: ROLES }, () => randomId(random, 'role'));
  for (const id of roleIds) {
    const places = Array.from({ length: GRANTS }, () => randomId(random, 'prj'));
    const lines = `project:read allow\t${places.join('\t')}`;
    target.holdRole(id, { principal: `role:organization:${id}`, lines }, 1);
  }
  for (let member = 0; member < MEMBERS; member += 1) {
    const principal = `user:${randomId(random, 'user')}`;
    const held = Array.from(
      { length: ROLES_HELD },
      (_, nth) => roleIds[(member + nth) % ROLES] ?? '',
    );
    const direct = { principal, lines: '' };
    target.holdPrincipal({ principal, membership: 'active', roleIds: held, direct }, 1);
    if (kept.pin(organizationId, principal) === undefined) throw new Error('nobody is held');
  }
}

function heapUsed(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
