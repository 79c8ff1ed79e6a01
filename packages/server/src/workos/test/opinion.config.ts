import { defineConfig } from 'vitest/config';

/** The suites that ask others what they think of the port; not part of `npm test`. */
export default defineConfig({
  test: {
    include: ['packages/server/src/workos/test/*.opinion.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
