import { defineConfig } from 'vitest/config';

/** The proof that each safety test fails without its rule: minutes of work, so it is a run of its own. */
export default defineConfig({
  test: { include: ['packages/server/src/sync/test/switched-off/*.test.ts'] },
});
