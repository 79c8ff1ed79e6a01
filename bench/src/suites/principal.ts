import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { type SeededIds, seedMany } from '@rolecall/testkit';
import { type Access, createAccess } from '../../../packages/server/src/access/index.ts';
import { startBenchDatabase } from '../bench-database.ts';
import { count, ratio } from '../measure.ts';
import { nanos, nanosInTurns } from '../nanos.ts';
import { atMost } from '../target.ts';
import { type Scope } from '../workload/handles.ts';
import { copyOf, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What a request pays: its principal out of memory, then one check. */
export const principal: Suite = {
  name: 'principal',
  title: 'A principal out of memory, and one check',
  nodeFlags: ['--max-old-space-size=6144'],
  run,
};

interface Asked {
  readonly organization: string;
  readonly principal: string;
  readonly project: string;
}

const QUESTIONS = 2 ** 18;
const ROLES = 20;
const GRANTS = 10;

async function run({ small }: RunOptions): Promise<Findings> {
  const organizations = small ? 10 : 200;
  const members = 1_000;
  const postgres = await startBenchDatabase({ durable: false });
  try {
    const ids = await seedMany(postgres.url, {
      organizations,
      membersPerOrganization: members,
      rolesPerOrganization: ROLES,
      rolesPerMember: 3,
      grantsPerRole: GRANTS,
    });
    const access: Access<Scope> = createAccess({
      database: postgres.open(10),
      policy: builtinPolicy,
      memory: { maxBytes: 4 * 2 ** 30 },
    });
    await access.start();
    const started = performance.now();
    for (let organization = 1; organization <= organizations; organization += 1) {
      await warm(
        access,
        ids.organization(organization),
        Array.from({ length: members }, (_, nth) => `user:${ids.user(organization, nth + 1)}`),
      );
    }
    const warmedIn = (performance.now() - started) / 1000;
    const random = seededRandom(1);
    const pick = (from: number): number => 1 + Math.floor(random() * from);
    const asked = Array.from({ length: QUESTIONS }, (): Asked => {
      const organization = pick(organizations);
      return {
        organization: copyOf(ids.organization(organization)),
        principal: copyOf(`user:${ids.user(organization, pick(members))}`),
        project: copyOf(ids.project(pick(ROLES), pick(GRANTS))),
      };
    });
    // Making the questions kept the poll from its turn.
    await sleep(2_000);
    const before = access.report().memory;
    const bare = bareSets(ids, organizations, members);
    const medians = await nanosInTurns({
      'principal() and one can': (times) => askAll(access, asked, times),
      'find() and one can, without the promise': (times) => askAtOnce(access, asked, times),
      'a bare Map and a bare Set, with a promise between': (times) => askBare(bare, asked, times),
      'a bare Map and a bare Set': (times) => askBareAtOnce(bare, asked, times),
      'one can on a handle that is held': await askHeld(access, asked),
    });
    const { hits, loads, readThroughs, principals, bytes } = access.report().memory;
    const missed = loads - before.loads + (readThroughs - before.readThroughs);
    if (missed > (hits - before.hits) / 10_000) {
      throw new Error(`${String(missed)} principals were not in memory`);
    }
    await access.close();
    return {
      method:
        `${count(organizations * members)} principals with three roles each, in ${count(organizations)} ` +
        'organizations, are all in memory, kept fresh by the poll meanwhile. Each question is about an ' +
        'organization, a member and a project at random, and waits for the promise of `principal()`. In turns with it, ' +
        'a bare Map of as many principals, each with the bare Set of its projects (one for all who hold the same roles), ' +
        'is asked the same: what is left of it is what memory itself costs.',
      columns: ['what', 'median'],
      rows: [
        ...Object.entries(medians).map(([name, value]) => [name, nanos(value)]),
        [
          'principal() and one can, against the bare ones with a promise',
          ratio(
            medians['principal() and one can'],
            medians['a bare Map and a bare Set, with a promise between'],
          ),
        ],
        [
          'held in memory',
          `${count(principals)} principals, ${count(bytes / 2 ** 20)} MiB accounted`,
        ],
        ['taken in from cold, one by one, eight at a time', `${warmedIn.toFixed(1)} s`],
      ],
      targets: [
        atMost(
          `\`principal()\` in memory, then one \`can\`, random over ${count(organizations * members)} principals`,
          medians['principal() and one can'],
          1_000,
          {
            show: nanos,
            why: 'Each question reaches an organization, a principal and a role set that are in no cache of the processor, and waits for one promise.',
          },
        ),
      ],
      reading: [],
      postgresVersion: postgres.version,
    };
  } finally {
    await postgres.close();
  }
}

async function warm(
  access: Access<Scope>,
  organization: string,
  principals: readonly string[],
): Promise<void> {
  const [first, ...rest] = principals;
  if (first !== undefined) await access.principal(organization, first);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let who = rest[next++]; who !== undefined; who = rest[next++]) {
      await access.principal(organization, who);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

let at = 0;

async function askAll(
  access: Access<Scope>,
  asked: readonly Asked[],
  times: number,
): Promise<number> {
  let yes = 0;
  for (let i = 0; i < times; i += 1) {
    at = (at + 1) & (QUESTIONS - 1);
    const question = asked[at];
    if (question === undefined) continue;
    const handle = await access.principal(question.organization, question.principal);
    if (handle.can('project:read', question.project)) yes += 1;
  }
  return yes;
}

function askAtOnce(access: Access<Scope>, asked: readonly Asked[], times: number): number {
  let yes = 0;
  for (let i = 0; i < times; i += 1) {
    at = (at + 1) & (QUESTIONS - 1);
    const question = asked[at];
    if (question === undefined) continue;
    const handle = access.find(question.organization, question.principal);
    if (handle?.can('project:read', question.project) === true) yes += 1;
  }
  return yes;
}

type BareSets = ReadonlyMap<string, ReadonlySet<string>>;

/** What a program would keep that needs nothing but this one question answered. */
function bareSets(ids: SeededIds, organizations: number, members: number): BareSets {
  const bare = new Map<string, ReadonlySet<string>>();
  for (let organization = 1; organization <= organizations; organization += 1) {
    const shared = Array.from({ length: ROLES }, (_, first) =>
      [0, 1, 2].flatMap((nth) =>
        Array.from({ length: GRANTS }, (_, grant) =>
          copyOf(ids.project(((first + nth + 1) % ROLES) + 1, grant + 1)),
        ),
      ),
    ).map((projects) => new Set(projects));
    for (let member = 1; member <= members; member += 1) {
      const projects = shared[member % ROLES];
      if (projects !== undefined) {
        bare.set(copyOf(`user:${ids.user(organization, member)}`), projects);
      }
    }
  }
  return bare;
}

async function askBare(bare: BareSets, asked: readonly Asked[], times: number): Promise<number> {
  let yes = 0;
  for (let i = 0; i < times; i += 1) {
    at = (at + 1) & (QUESTIONS - 1);
    const question = asked[at];
    if (question === undefined) continue;
    const projects = await Promise.resolve(bare.get(question.principal));
    if (projects?.has(question.project) === true) yes += 1;
  }
  return yes;
}

function askBareAtOnce(bare: BareSets, asked: readonly Asked[], times: number): number {
  let yes = 0;
  for (let i = 0; i < times; i += 1) {
    at = (at + 1) & (QUESTIONS - 1);
    const question = asked[at];
    if (question === undefined) continue;
    if (bare.get(question.principal)?.has(question.project) === true) yes += 1;
  }
  return yes;
}

async function askHeld(
  access: Access<Scope>,
  asked: readonly Asked[],
): Promise<(times: number) => number> {
  const [one] = asked;
  const handle = await access.principal(one?.organization ?? '', one?.principal ?? '');
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      at = (at + 1) & (QUESTIONS - 1);
      if (handle.can('project:read', asked[at]?.project ?? '')) yes += 1;
    }
    return yes;
  };
}
