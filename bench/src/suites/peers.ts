import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { count, ratio } from '../measure.ts';
import { type Batch, nanos, nanosInTurns } from '../nanos.ts';
import { type Ask, type Peer, type ProjectWork } from '../peers/peer.ts';
import { atLeast, type Target } from '../target.ts';
import { askAtRandom, randomId, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** The same checks by what people use instead, in one process and in turns. */
export const peers: Suite = { name: 'peers', title: 'Against other libraries', run };

const SIZES = [10, 100, 1_000, 10_000];
/** The questions of a piece of work; a power of two. */
export const QUESTIONS = 1024;
const RATHER_MANY = { batches: 15, batchMs: 12 };
const FACTORS: ReadonlyMap<number, number> = new Map([
  [10, 1],
  [100, 5],
  [1_000, 50],
  [10_000, 50],
]);

interface Found {
  readonly size: number;
  readonly medians: Readonly<Record<string, number>>;
  readonly beside: Readonly<Record<string, number>>;
}

async function run({ small }: RunOptions): Promise<Findings> {
  const found: Found[] = [];
  for (const size of small ? SIZES.slice(0, 3) : SIZES) found.push(await measure(size));
  const names = Object.keys(found[0]?.medians ?? {});
  const besides = Object.keys(found[0]?.beside ?? {});
  const types = await measureTypes();
  return {
    method:
      'One principal holds `read` on so many projects through one role and is asked about 1,024 projects, half ' +
      'of them its own. What a question is made of (resource objects, entities, requests) is made before. ' +
      'Each library is used in several of the ways its documentation shows, and the fastest counts: CASL with ' +
      'one rule with `$in` or a rule per project; node-casbin synchronously, with the cheap comparisons first; ' +
      'Cedar with policies parsed before, one per project or one with a list. All answers are compared with ' +
      'those of Rolecall before anything is timed.',
    columns: ['', ...found.map(({ size }) => `${count(size)} grants`)],
    rows: names.map((name) => [
      name,
      ...found.map(({ medians }) => {
        const own = medians['Rolecall'] ?? Number.NaN;
        const value = medians[name] ?? Number.NaN;
        return name === 'Rolecall' ? nanos(value) : `${nanos(value)} (${ratio(value, own)})`;
      }),
    ]),
    more: [
      {
        caption:
          'Beside them, what is less than that: conditions that are functions over a set which the host keeps ' +
          'itself; a cache of decisions, which knows nothing of a change until it is emptied as a whole; every ' +
          'project declared as a type of resource.',
        columns: ['', ...found.map(({ size }) => `${count(size)} grants`)],
        rows: besides.map((name) => [
          name,
          ...found.map(({ beside }) => nanos(beside[name] ?? Number.NaN)),
        ]),
      },
      {
        caption:
          'Checks of a type, which say less: whether projects may be read at all, not which. Rolecall answers ' +
          'about one project, by a grant that reaches all of them.',
        columns: ['', 'one check'],
        rows: Object.entries(types).map(([name, value]) => [name, nanos(value)]),
      },
    ],
    charts: [
      {
        title: 'One check with conditions per resource',
        x: 'grants held',
        y: 'nanoseconds',
        series: names.map((name) => ({
          name,
          points: found.map(({ size, medians }) => [size, medians[name] ?? 1] as const),
        })),
      },
    ],
    targets: found.map(targetOf),
    reading: [],
    versions: versionsOf(['@casl/ability', 'casbin', '@cedar-policy/cedar-wasm', 'better-auth']),
  };
}

function targetOf({ size, medians }: Found): Target {
  const { Rolecall: own = Number.NaN, ...others } = medians;
  const [best, value] = Object.entries(others).reduce((a, b) => (b[1] < a[1] ? b : a));
  return atLeast(
    `against the best of other libraries (${best}) at ${count(size)} grants`,
    value / own,
    FACTORS.get(size) ?? 1,
    {
      show: (times) => `${times.toFixed(1)}×`,
      why: 'A loop over so few short texts is nearly as cheap as one look-up.',
    },
  );
}

async function measure(size: number): Promise<Found> {
  const work = makeWork(size);
  const { rolecall } = await import('../peers/rolecall.ts');
  const { linearScan } = await import('../peers/linear-scan.ts');
  const { casl, caslWithSet } = await import('../peers/casl.ts');
  const { casbin, casbinCached } = await import('../peers/casbin.ts');
  const { cedar } = await import('../peers/cedar.ts');
  const { betterAuthProjects } = await import('../peers/better-auth.ts');
  const all: readonly Peer[] = [
    rolecall(work),
    linearScan(work),
    casl(work),
    await casbin(work),
    cedar(work),
  ];
  const besides: Readonly<Record<string, Ask>> = {
    'CASL, a function over the host’s own set': caslWithSet(work),
    'node-casbin, its cache of decisions, warm': await casbinCached(work),
    'better-auth, every project a type of resource': betterAuthProjects(work),
  };
  const ways = all.flatMap(({ name, ways: own }) =>
    Object.entries(own).map(([way, ask]) => ({ name, key: `${name}, ${way}`, ask })),
  );
  for (const { key, ask } of ways) await requireAgreement(work, key, ask);
  for (const [key, ask] of Object.entries(besides)) await requireAgreement(work, key, ask);
  const timed = await nanosInTurns(
    Object.fromEntries([
      ...ways.map(({ key, ask }) => [key, batchOf(ask)] as const),
      ...Object.entries(besides).map(([key, ask]) => [key, batchOf(ask)] as const),
    ]),
    RATHER_MANY,
  );
  const medians: Record<string, number> = {};
  for (const { name, key } of ways) {
    medians[name] = Math.min(medians[name] ?? Number.POSITIVE_INFINITY, timed[key] ?? Number.NaN);
  }
  const beside = Object.fromEntries(Object.keys(besides).map((key) => [key, timed[key] ?? NaN]));
  return { size, medians, beside };
}

async function measureTypes(): Promise<Readonly<Record<string, number>>> {
  const work = makeWork(10);
  const { rolecallTypes } = await import('../peers/rolecall.ts');
  const { caslTypes } = await import('../peers/casl.ts');
  const { casbinTypes } = await import('../peers/casbin.ts');
  const { cedarTypes } = await import('../peers/cedar.ts');
  const { betterAuthTypes } = await import('../peers/better-auth.ts');
  const asks = {
    Rolecall: rolecallTypes(work),
    CASL: caslTypes(),
    'better-auth': betterAuthTypes(),
    'node-casbin': await casbinTypes(),
    Cedar: cedarTypes(work),
  };
  for (const [name, ask] of Object.entries(asks)) {
    if (!(await ask(0))) throw new Error(`${name} denies what is allowed`);
  }
  return nanosInTurns(
    Object.fromEntries(Object.entries(asks).map(([name, ask]) => [name, batchOf(ask)])),
    RATHER_MANY,
  );
}

function makeWork(size: number): ProjectWork {
  const random = seededRandom(size);
  const granted = Array.from({ length: size }, () => randomId(random, 'prj'));
  const others = Array.from({ length: size }, () => randomId(random, 'prj'));
  return { granted, asked: askAtRandom(random, [...granted, ...others], QUESTIONS) };
}

async function requireAgreement(work: ProjectWork, name: string, ask: Ask): Promise<void> {
  const granted = new Set(work.granted);
  for (const [nth, id] of work.asked.entries()) {
    if (nth >= 256) break;
    const answer = await ask(nth);
    if (answer !== granted.has(id)) {
      throw new Error(`${name} answers ${String(answer)} about \`${id}\``);
    }
  }
}

/** The questions one after the other. */
export function batchOf(ask: Ask): Batch {
  let at = 0;
  const next = (): number => {
    at = (at + 1) % QUESTIONS;
    return at;
  };
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      const answer = ask(next());
      if (typeof answer !== 'boolean') return rest(answer, times - i - 1, yes);
      if (answer) yes += 1;
    }
    return yes;
  };

  async function rest(first: Promise<boolean>, times: number, before: number): Promise<number> {
    let yes = before + Number(await first);
    for (let i = 0; i < times; i += 1) yes += Number(await ask(next()));
    return yes;
  }
}

/** The versions of libraries, as they are installed. */
export function versionsOf(names: readonly string[]): Readonly<Record<string, string>> {
  const modules = join(import.meta.dirname, '../../../node_modules');
  return Object.fromEntries(
    names.map((name) => {
      const manifest = readFileSync(join(modules, name, 'package.json'), 'utf8');
      return [name, (JSON.parse(manifest) as { version: string }).version];
    }),
  );
}
