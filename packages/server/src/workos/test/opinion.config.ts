import { defineConfig } from 'vitest/config';

/** The suites that ask others what they think of the port and of the engine; not part of `npm test`. */
export default defineConfig({
  test: {
    globalSetup: ['packages/testkit/src/global-setup.ts'],
    include: ['packages/server/{src/workos/test,test/sync/emulator}/*.opinion.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
