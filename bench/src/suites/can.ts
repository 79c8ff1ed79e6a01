import { count, ratio } from '../measure.ts';
import { type Batch, nanos, nanosInTurns } from '../nanos.ts';
import { type Target } from '../target.ts';
import { atMost } from '../target.ts';
import { allow, deny, handleOf, type Scope } from '../workload/handles.ts';
import { askAtRandom, randomId, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** One check on a handle, beside the cheapest thing that could answer it. */
export const can: Suite = { name: 'can', title: 'One check in memory', run };

type Handle = ReturnType<typeof handleOf>;
type Medians = Awaited<ReturnType<typeof measure>>;

const SIZES = [10, 100, 1_000, 10_000, 100_000, 1_000_000];

async function run({ small }: RunOptions): Promise<Findings> {
  const sizes = small ? SIZES.slice(0, 5) : SIZES;
  const found: { readonly size: number; readonly medians: Medians }[] = [];
  for (const size of sizes) found.push({ size, medians: await measure(size) });
  const names = Object.keys(found[0]?.medians ?? {}) as (keyof Medians)[];
  return {
    method:
      'A handle holds so many grants of `project:read`, each on one project, and is asked about projects at ' +
      'random, all of them granted unless said otherwise. Ids have 20 characters, and those asked are other ' +
      'texts than those kept, as they are in a request. In turns with it, a bare `Set` of the same ids is ' +
      'asked the same. Three roles share the grants between them; one deny is on another project; with one ' +
      'dimension, every grant and every check names a tool.',
    columns: ['what', ...sizes.map((size) => `${count(size)} grants`)],
    rows: [
      ...names.map((name) => [name, ...found.map(({ medians }) => nanos(medians[name]))]),
      [
        'one role against the Set',
        ...found.map(({ medians }) => ratio(medians['one role'], medians['a bare Set'])),
      ],
    ],
    charts: [
      {
        title: 'One check in memory',
        x: 'grants held',
        y: 'nanoseconds',
        series: names.map((name) => ({
          name,
          points: found.map(({ size, medians }) => [size, medians[name]] as const),
        })),
      },
    ],
    targets: found.flatMap(({ size, medians }) => targetsOf(size, medians)),
    reading: [
      'Beyond the processor’s caches both are as slow as memory is: the cost is that of reaching the text and its place in the table.',
    ],
  };
}

function targetsOf(size: number, medians: Medians): Target[] {
  const work = `\`can\`, hot, ${count(size)} grants`;
  const why =
    'A check validates its id and scope, and follows the links of handle, grants, table and cell, where the Set is one link.';
  const times = atMost(
    `${work}, against a bare \`Set\``,
    medians['one role'] / medians['a bare Set'],
    2,
    { show: (value) => `${value.toFixed(2)}×`, why },
  );
  if (size > 1000) return [times];
  return [times, atMost(work, medians['one role'], 50, { show: nanos, why })];
}

async function measure(size: number) {
  const random = seededRandom(size);
  const ids = Array.from({ length: size }, () => randomId(random, 'prj'));
  const others = Array.from({ length: size }, () => randomId(random, 'prj'));
  const questions = Math.min(2 ** 20, 2 ** Math.ceil(Math.log2(size * 4)));
  const asked = askAtRandom(random, ids, questions);
  const absent = askAtRandom(random, others, questions);
  const set = new Set(ids);
  const grants = ids.map((id) => allow('role:global:r', 'project:read', id));
  const byTool = ids.map((id) => allow('role:global:r', 'mcp:read', id, { tool: 'search' }));
  const thirds = [0, 1, 2].map((third) => grants.filter((_, index) => index % 3 === third));
  const elsewhere = deny('role:global:d', 'project:read', others[0] ?? '');
  const one = handleOf([grants]);
  return nanosInTurns({
    'a bare Set': askSet(set, asked),
    'one role': askHandle(one, 'project:read', asked),
    'one role, none granted': askHandle(one, 'project:read', absent),
    'an implied scope': askHandle(
      handleOf([ids.map((id) => allow('role:global:r', 'project:write', id))]),
      'project:read',
      asked,
    ),
    'three roles': askHandle(handleOf(thirds), 'project:read', asked),
    'one deny': askHandle(handleOf([[...grants, elsewhere]]), 'project:read', asked),
    'one dimension': askTool(handleOf([byTool]), asked),
  });
}

function askSet(set: ReadonlySet<string>, ids: readonly string[]): Batch {
  const mask = ids.length - 1;
  let at = 0;
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      at = (at + 1) & mask;
      if (set.has(ids[at] ?? '')) yes += 1;
    }
    return yes;
  };
}

function askHandle(handle: Handle, scope: Scope, ids: readonly string[]): Batch {
  const mask = ids.length - 1;
  let at = 0;
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      at = (at + 1) & mask;
      if (handle.can(scope, ids[at] ?? '')) yes += 1;
    }
    return yes;
  };
}

const SEARCH = { tool: 'search' };

function askTool(handle: Handle, ids: readonly string[]): Batch {
  const mask = ids.length - 1;
  let at = 0;
  return (times) => {
    let yes = 0;
    for (let i = 0; i < times; i += 1) {
      at = (at + 1) & mask;
      if (handle.can('mcp:read', ids[at] ?? '', SEARCH)) yes += 1;
    }
    return yes;
  };
}
