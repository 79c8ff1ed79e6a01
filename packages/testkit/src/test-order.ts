import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that decide how long a run takes. Those that mostly wait, for a lease, a poll or a server of Temporal,
 * wait beside those that compute when they begin first; and who begins the longest last ends the run alone.
 */
export const BEGIN_FIRST: readonly string[] = [
  'packages/temporal-runner/test/temporal-runner.test.ts',
  'packages/server/src/sync/test/safety.test.ts',
  'packages/server/src/sync/test/postgres-runner.test.ts',
  'packages/temporal-runner/test/away.test.ts',
  'packages/server/src/workos/test/budget.test.ts',
  'e2e/process/legacy.test.ts',
  'packages/server/test/http/fuzz/fuzz-sync.test.ts',
  'packages/server/test/http/fuzz/fuzz-others.test.ts',
  'packages/server/test/http/fuzz/fuzz-roles.test.ts',
  'packages/temporal-runner/test/in-temporal.test.ts',
  'e2e/process/serve-workers.test.ts',
  'packages/server/src/sync/test/found-by-fire/own-calls.test.ts',
  'packages/server/src/sync/test/found-by-fire/late-roles.test.ts',
  'packages/policy/test/properties.test.ts',
  'packages/server/test/http/isolation/isolation.test.ts',
];

/** The order in which a run takes its files: a fresh checkout has no memory of earlier runs, so the first are named. */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const first = BEGIN_FIRST.flatMap((path) =>
      rest.filter(({ moduleId }) => moduleId.endsWith(`/${path}`)),
    );
    return [...first, ...rest.filter((file) => !first.includes(file))];
  }
}
