import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { findMemoryDisk } from './packages/testkit/src/memory-disk.ts';
import { TestOrder } from './packages/testkit/src/test-order.ts';

// Every process of a run makes its temporary folders there, those of the tests' servers among them.
// In the long run, some databases have a million members.
const memoryDisk = findMemoryDisk(process.env['ROLECALL_LONG'] === undefined ? 4 : 10);
if (memoryDisk !== undefined) process.env['TMPDIR'] ??= memoryDisk;

export default defineConfig({
  test: {
    globalSetup: ['packages/testkit/src/global-setup.ts'],
    // Many tests wait for the database, a lease or a timeout, so more than there are cores keep these busy.
    maxWorkers: Math.min(8, availableParallelism() + 2),
    sequence: { sequencer: TestOrder },
    include: ['{packages,apps,tools,e2e,examples}/**/*.test.ts'],
    // `npm run test:rules` has the last one: it runs safety tests again and again, each time without a rule.
    exclude: ['**/node_modules/**', '**/dist/**', '**/switched-off/**'],
    // Files share the few processes there are, which spares each the import of everything. Vitest keeps a process
    // only for a next file of the same kind, so all are of one kind.
    isolate: false,
    // Some start several processes, for which a machine with other work takes its time.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**', 'apps/*/src/**'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
