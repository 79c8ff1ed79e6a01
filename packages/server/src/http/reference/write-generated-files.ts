import { mkdir, writeFile } from 'node:fs/promises';
import { generatedFiles } from './generated-files.ts';

// `npm run docs:openapi` rewrites what is generated from the contract.
for (const { url, content } of generatedFiles()) {
  await mkdir(new URL('.', url), { recursive: true });
  await writeFile(url, content);
  process.stdout.write(`${url.pathname}\n`);
}
