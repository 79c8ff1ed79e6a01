import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));

const bundled = await build({
  entryPoints: [entry],
  bundle: true,
  format: 'iife',
  globalName: 'policy',
  platform: 'browser',
  target: 'es2022',
  metafile: true,
  minify: true,
  write: false,
});

it('bundles for a browser from its own sources alone', () => {
  const inputs = Object.entries(bundled.metafile.inputs);
  expect(inputs.filter(([path]) => !/^packages\/policy\/src\/[\w-]+\.ts$/.test(path))).toEqual([]);
  expect(inputs.flatMap(([, input]) => input.imports.filter(({ external }) => external))).toEqual(
    [],
  );
  expect(bundled.warnings).toEqual([]);
});

it('runs where there is nothing but the language', () => {
  const nothing = createContext(Object.create(null) as object);
  runInContext(bundled.outputFiles[0]?.text ?? '', nothing);
  const answer: unknown = runInContext(
    `
    const grants = [
      { principal: 'role:a', scope: 'project:write', effect: 'allow',
        selector: { resource_kind: 'project', resource_id: '*' } },
      { principal: 'user:u', scope: 'project:read', effect: 'deny',
        selector: { resource_kind: 'project', resource_id: 'secret' } },
    ];
    const standing = { membership: 'active', enforcement: 'enforced' };
    const compiled = policy.compileGrants(policy.builtinPolicy, grants);
    const check = (resource_id) => ({ scope: 'project:read', resource_id });
    JSON.stringify([
      compiled.can('project:read', 'p1'),
      compiled.can('project:read', 'secret'),
      policy.decide(policy.builtinPolicy, standing, grants, check('p1')).reason,
      policy.explain(policy.builtinPolicy, standing, grants, check('secret')).sentences.length,
      policy.filterIds(compiled, 'project:read', ['p1', 'secret', 'p2']),
    ]);
    `,
    nothing,
  );
  expect(JSON.parse(String(answer))).toEqual([true, false, 'grant_matched', 2, ['p1', 'p2']]);
});

it('is small enough for a page: at most 8 kB compressed', () => {
  expect(gzipSync(bundled.outputFiles[0]?.contents ?? '').length).toBeLessThan(8 * 1024);
});
