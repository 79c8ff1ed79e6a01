#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that one too old to run the program says so in a sentence.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  // Compiled code is kept beside the program, where nobody else can write, and halves the time to start.
  nodeModule.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache', import.meta.url)));
  const source = new URL('../src/main.ts', import.meta.url);
  await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
} else {
  process.stderr.write(
    `rolecall needs Node 24 and was started with Node ${process.versions.node}: ` +
      'in the repository, `npm start` and `npx rolecall` use the Node that `npm ci` installs\n',
  );
  process.exitCode = 2;
}
