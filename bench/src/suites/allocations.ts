import { median } from '../nanos.ts';
import { atMost } from '../target.ts';
import { allow, deny, handleOf } from '../workload/handles.ts';
import { askAtRandom, randomId, seededRandom } from '../workload/randomness.ts';
import { type Findings, type Suite } from './index.ts';

/** What a check leaves behind for the collector. */
export const allocations: Suite = {
  name: 'allocations',
  title: 'What a check allocates',
  // The young generation is so large that nothing is collected while the heap is watched.
  nodeFlags: ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'],
  run,
};

const NOTHING = 'nothing asked';
const OBJECT = 'for comparison, a check that is given one new object';

function run(): Promise<Findings> {
  const { [NOTHING]: left = 0, ...grown } = growth();
  const ofChecks = Object.entries(grown).map(([name, bytes]) => [name, bytes - left] as const);
  const ours = ofChecks.filter(([name]) => name !== OBJECT);
  const worst = Math.max(0, ...ours.map(([, bytes]) => Math.round(bytes * 100) / 100));
  return Promise.resolve({
    method:
      'The growth of the heap over a million checks while nothing is collected, the median of five times, less ' +
      'what it grows by when as many ids are only looked at.',
    columns: ['one check', 'bytes allocated'],
    rows: [...ofChecks.map(([name, bytes]) => [name, Math.max(0, bytes).toFixed(2)])],
    targets: [
      atMost('bytes allocated by a `can`', worst, 0, {
        show: (bytes) => `${String(bytes)} bytes`,
        why: 'A shape of check allocates; the table of the suite says which.',
      }),
    ],
    reading: [],
  });
}

function growth(): Readonly<Record<string, number>> {
  const random = seededRandom(7);
  const ids = Array.from({ length: 1_000 }, () => randomId(random, 'prj'));
  const asked = askAtRandom(random, ids, 1024);
  const read = ids.map((id) => allow('role:global:r', 'project:read', id));
  const byTool = ids.map((id) => allow('role:global:r', 'mcp:read', id, { tool: 'search' }));
  const one = handleOf([read]);
  const roles = handleOf([0, 1, 2].map((third) => read.filter((_, index) => index % 3 === third)));
  const denied = handleOf([[...read, deny('role:global:r', 'project:read', ids[0] ?? '')]]);
  const tools = handleOf([byTool]);
  const dimensions = { tool: 'search' };
  const ask = (check: (id: string) => boolean) => (times: number) => {
    let yes = 0;
    for (let nth = 0; nth < times; nth += 1) if (check(asked[nth & 1023] ?? '')) yes += 1;
    return yes;
  };
  return {
    [NOTHING]: bytesOf(ask((id) => id === '')),
    'one role': bytesOf(ask((id) => one.can('project:read', id))),
    'three roles': bytesOf(ask((id) => roles.can('project:read', id))),
    'one deny': bytesOf(ask((id) => denied.can('project:read', id))),
    [OBJECT]: bytesOf(ask((id) => tools.can('mcp:read', id, { tool: 'search' }))),
    'one dimension': bytesOf(ask((id) => tools.can('mcp:read', id, dimensions))),
  };
}

const TIMES = 1_000_000;

function bytesOf(batch: (times: number) => number): number {
  // Code that is still being compiled allocates by itself.
  for (let round = 0; round < 5; round += 1) batch(TIMES / 5);
  const grown = [1, 2, 3, 4, 5].map(() => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    batch(TIMES);
    return process.memoryUsage().heapUsed - before;
  });
  return median(grown) / TIMES;
}
