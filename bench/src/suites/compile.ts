import { builtinPolicy, compileGrants, joinGrants } from '@rolecall/policy';
import { count } from '../measure.ts';
import { median, nanos } from '../nanos.ts';
import { atMost } from '../target.ts';
import { allow } from '../workload/handles.ts';
import { randomId, seededRandom } from '../workload/randomness.ts';
import { type Findings, type RunOptions, type Suite } from './index.ts';

/** What it costs to make grants ready for checks. */
export const compile: Suite = { name: 'compile', title: 'Compiling grants', run };

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

function run({ small }: RunOptions): Promise<Findings> {
  const sizes = small ? SIZES.slice(0, 3) : SIZES;
  const compiled = sizes.map((size) => ({ size, took: compileOnce(size) }));
  const role = recompileOneRole();
  const large = compiled.find(({ size }) => size === 100_000)?.took ?? Number.NaN;
  return Promise.resolve({
    method:
      'Grants of four scopes on projects of their own are compiled, the median of five times. Then one role of a ' +
      'hundred with a thousand grants each changes: it is compiled again and put together with the others.',
    columns: ['compiled', 'time', 'a grant'],
    rows: [
      ...compiled.map(({ size, took }) => [
        `${count(size)} grants`,
        nanos(took),
        nanos(took / size),
      ]),
      ['one role of 100, 1,000 of 100,000 grants', nanos(role), nanos(role / 1_000)],
    ],
    charts: [
      {
        title: 'Compiling grants',
        x: 'grants',
        y: 'milliseconds',
        series: [
          { name: 'compileGrants', points: compiled.map(({ size, took }) => [size, took / 1e6]) },
        ],
      },
    ],
    targets: [
      atMost('compiling 100,000 grants (“well under a second”)', large, 5e8, {
        show: nanos,
        why: 'Every grant is validated and put in its place in a map.',
      }),
    ],
    reading: [],
  });
}

function compileOnce(size: number): number {
  const grants = someGrants(size, 'role:global:r');
  return median([1, 2, 3, 4, 5].map(() => timed(() => compileGrants(builtinPolicy, grants))));
}

function recompileOneRole(): number {
  const all = Array.from({ length: 100 }, (_, role) => someGrants(1_000, `role:global:${role}`));
  const views = all.map((grants) => compileGrants(builtinPolicy, grants));
  return median(
    all.map((grants, role) =>
      timed(() =>
        joinGrants(builtinPolicy, views.with(role, compileGrants(builtinPolicy, grants)), 'acme'),
      ),
    ),
  );
}

function someGrants(size: number, principal: string) {
  const random = seededRandom(size);
  const scopes = ['project:read', 'project:write', 'mcp:read', 'mcp:connect'] as const;
  return Array.from({ length: size }, (_, nth) =>
    allow(principal, scopes[nth % 4] ?? 'project:read', randomId(random, 'prj')),
  );
}

function timed(work: () => unknown): number {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started);
}
