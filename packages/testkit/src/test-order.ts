import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Two that wait and compute longest each: who begins the longest last ends the run alone. */
export const BEGIN_FIRST: readonly string[] = [
  'packages/temporal-runner/test/temporal-runner.test.ts',
  'packages/server/src/sync/test/postgres-runner.test.ts',
  'packages/server/test/http/fuzz/fuzz-others.test.ts',
  'packages/server/test/http/fuzz/fuzz-roles.test.ts',
  'packages/server/test/http/fuzz/fuzz-sync.test.ts',
  'packages/policy/test/properties.test.ts',
];

/**
 * Those that mostly wait, for a lease, a poll, a timeout or a server of Temporal, the longest first. They begin one
 * after the other among all that compute: when everything that runs at once waits, nobody works.
 */
export const MOSTLY_WAIT: readonly string[] = [
  'packages/temporal-runner/test/away.test.ts',
  'packages/server/src/sync/test/found-by-fire/late-roles.test.ts',
  'packages/server/src/sync/test/safety.test.ts',
  'packages/server/src/workos/test/budget.test.ts',
  'packages/server/src/sync/test/found-by-fire/own-calls.test.ts',
  'packages/temporal-runner/test/in-temporal.test.ts',
  'e2e/process/sigkill.test.ts',
  'e2e/process/serve-workers.test.ts',
  'packages/server/src/access/test/bound.test.ts',
  'packages/server/src/workos/test/failures.test.ts',
  'packages/server/src/workos/test/circuit.test.ts',
  'packages/local-postgres/test/owner-ends.test.ts',
];
const OTHERS_BETWEEN = 10;

/** The order in which a run takes its files: a fresh checkout has no memory of earlier runs, so some are named. */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const find = (paths: readonly string[]): TestSpecification[] =>
      paths.flatMap((path) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${path}`)));
    const [first, waiting] = [find(BEGIN_FIRST), find(MOSTLY_WAIT)];
    const others = sorted.filter((file) => !first.includes(file) && !waiting.includes(file));
    const woven = others.flatMap((file, index) =>
      index % OTHERS_BETWEEN === 0 ? [...waiting.splice(0, 1), file] : [file],
    );
    return [...first, ...woven, ...waiting];
  }
}
