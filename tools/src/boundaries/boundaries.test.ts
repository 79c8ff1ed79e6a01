import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { findCycle } from './cycles.ts';
import { brokenSentence, importsOf } from './imports.ts';
import { rooms } from './rooms.ts';
import { listSourceFiles, repositoryRoot } from './source-files.ts';

const files = listSourceFiles();
const imports = files.flatMap((file) => importsOf(repositoryRoot, file));
const read = (file: string) => readFileSync(join(repositoryRoot, file), 'utf8');

describe('the rooms of the house', () => {
  it('are entered downward only, and through their index', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.map(brokenSentence).filter((sentence) => sentence !== undefined)).toEqual([]);
  });

  it('have no import cycle', () => {
    expect(findCycle(imports)).toBeUndefined();
  });

  it('each begin with a caption', () => {
    const indexes = [...rooms.values()]
      .map((room) => `${room.folder}/index.ts`)
      .filter((file) => existsSync(join(repositoryRoot, file)));
    expect(indexes.length).toBeGreaterThan(5);
    expect(indexes.filter((file) => !read(file).startsWith('/**'))).toEqual([]);
  });

  it('have no room for leftovers', () => {
    const leftovers = /(^|\/)(utils?|helpers?|common|misc|shared)(\.tsx?$|\/)/;
    expect(files.filter((file) => leftovers.test(file))).toEqual([]);
  });
});

describe('house rules', () => {
  it('let only the configuration read the environment', () => {
    const readers = files.filter((file) => /process\.env\s*[.[]/.test(read(file)));
    // The testkit is told by the environment which PostgreSQL to test on; it is never shipped.
    const allowed = ['apps/rolecall/src/config.ts', 'packages/testkit/src/global-setup.ts'];
    expect(readers.filter((file) => !allowed.includes(file))).toEqual([]);
  });

  it('let roles and access meet only in the database', () => {
    expect(rooms.get('roles')?.mayEnter).not.toContain('access');
    expect(rooms.get('access')?.mayEnter).not.toContain('roles');
  });

  it('let only sync use workos', () => {
    const users = [...rooms].filter(([, room]) => room.mayEnter.includes('workos')).map(([n]) => n);
    expect(users).toEqual(['sync', 'server']);
  });
});

describe('the import rules themselves', () => {
  const upward = (from: string, to: string) => brokenSentence({ from, to, library: false });

  it('refuse an upward import and say which', () => {
    expect(
      upward('packages/server/src/database/pool.ts', 'packages/server/src/roles/index.ts'),
    ).toBe(
      'packages/server/src/database/pool.ts: database may not import from roles (imports point downward)',
    );
  });

  it('refuse a side door', () => {
    expect(
      upward('packages/server/src/roles/a.ts', 'packages/server/src/audit/audit-store.ts'),
    ).toContain('audit is entered through its index.ts');
  });

  it('refuse any library in policy', () => {
    expect(
      brokenSentence({ from: 'packages/policy/src/scope.ts', to: 'node:crypto', library: true }),
    ).toContain('policy imports nothing at all');
  });

  it('find a cycle', () => {
    const cycle = findCycle([
      { from: 'a', to: 'b', library: false },
      { from: 'b', to: 'c', library: false },
      { from: 'c', to: 'a', library: false },
    ]);
    expect(cycle).toEqual(['a', 'b', 'c', 'a']);
  });
});
