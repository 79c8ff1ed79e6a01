import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtinPolicy } from '@rolecall/policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from './exit-codes.ts';
import { loadPolicy } from './policy-file.ts';

let folder: string;

// Inside the repository, so that the file finds the packages that it imports.
beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, '../.policy-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function load(content: string) {
  files += 1;
  const file = `rolecall-${files}.config.ts`;
  await writeFile(join(folder, file), content);
  return loadPolicy(folder, file);
}

describe('loadPolicy', () => {
  it('is the built-in policy where there is no file', async () => {
    expect(await loadPolicy(folder)).toEqual({ policy: builtinPolicy, file: undefined });
  });

  it('is the policy of the host where there is one', async () => {
    const { policy, file } = await load(`
      import { defineConfig } from 'rolecall';
      import { definePolicy, organizationKind } from '@rolecall/policy';
      export default defineConfig({
        policy: definePolicy({
          kinds: { org: organizationKind, invoice: { actions: { read: {} } } },
          system_roles: { admin: 'all', member: ['invoice:read'] },
        }),
      });`);
    expect(policy.scopes.map(({ scope }) => scope)).toContain('invoice:read');
    expect(file).toBe(join(folder, `rolecall-${files}.config.ts`));
  });

  it('is the built-in policy when the file names none', async () => {
    const { policy } = await load('export default {};');
    expect(policy).toBe(builtinPolicy);
  });

  it.each([
    ['exports nothing', 'export {};', 'no default export'],
    ['brings something else', 'export default { policy: {} };', 'not made by `definePolicy`'],
    ['throws', "throw new Error('no such tenant');", 'no such tenant'],
    [
      'declares a policy that contradicts itself',
      `import { definePolicy } from '@rolecall/policy';
       export default { policy: definePolicy({
         kinds: { doc: { actions: { read: { implies: ['write'] } } } },
         system_roles: { admin: 'all', member: [] } } as never) };`,
      'unknown action `write`',
    ],
  ])('names the file when it %s', async (_, content, words) => {
    const failure: unknown = await load(content).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'invalid_configuration',
      exitCode: exitCodes.usage,
    });
    expect(String(failure)).toContain(`rolecall-${files}.config.ts`);
    expect(String(failure)).toContain(words);
  });

  it('refuses a file that was named and is not there', async () => {
    await expect(loadPolicy(folder, 'other.config.ts')).rejects.toThrow('there is no such file');
  });
});
