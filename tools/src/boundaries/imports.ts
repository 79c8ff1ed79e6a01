import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import ts from 'typescript';

import { guardedLibraries, roomOf, type RoomName, rooms } from './rooms.ts';

/** One import of one file: `to` is a file of the repository, or a library's name. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly library: boolean;
}

const packageEntries: ReadonlyMap<string, string> = new Map([
  ['@rolecall/policy', 'packages/policy/src/index.ts'],
  ['@rolecall/policy/compare', 'packages/policy/src/compare/index.ts'],
  ['@rolecall/policy/merge', 'packages/policy/src/merge/index.ts'],
  ['@rolecall/contract', 'packages/contract/src/index.ts'],
  ['@rolecall/server', 'packages/server/src/index.ts'],
  ['@rolecall/server/database', 'packages/server/src/database/index.ts'],
  ['@rolecall/server/runner', 'packages/server/src/sync/runner/index.ts'],
  ['@rolecall/temporal-runner', 'packages/temporal-runner/src/index.ts'],
  ['@rolecall/local-postgres', 'packages/local-postgres/src/index.ts'],
  ['@rolecall/workos-simulator', 'packages/workos-simulator/src/index.ts'],
  ['@rolecall/testkit', 'packages/testkit/src/index.ts'],
]);

/** Every import of a file, static and dynamic, resolved to a file of the repository or a library. */
export function importsOf(root: string, file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => {
    if (fileName.startsWith('.')) {
      return { from: file, to: normalize(join(dirname(file), fileName)), library: false };
    }
    const entry = packageEntries.get(fileName);
    return entry === undefined
      ? { from: file, to: libraryName(fileName), library: true }
      : { from: file, to: entry, library: false };
  });
}

/** The sentence that an import breaks, or nothing where it breaks none. */
export function brokenSentence(one: Import): string | undefined {
  const room = roomOf(one.from);
  if (room === undefined) return undefined;
  return one.library ? brokenLibrarySentence(one, room) : brokenRoomSentence(one, room);
}

function brokenLibrarySentence(one: Import, room: RoomName): string | undefined {
  if (room === 'policy')
    return `${one.from}: policy imports nothing at all, not even \`${one.to}\``;
  if (one.to.startsWith('@rolecall/'))
    return `${one.from}: \`${one.to}\` is not an entry of a package`;
  if (!guardedLibraries.has(one.to)) return undefined;
  if (rooms.get(room)?.libraries?.includes(one.to) === true) return undefined;
  return `${one.from}: ${room} does not use the library \`${one.to}\``;
}

function brokenRoomSentence(one: Import, room: RoomName): string | undefined {
  const target = roomOf(one.to);
  if (target === undefined) return `${one.from}: \`${one.to}\` is outside of every room`;
  if (target === room) return undefined;
  if (rooms.get(room)?.mayEnter.includes(target) !== true) {
    return `${one.from}: ${room} may not import from ${target} (imports point downward)`;
  }
  return one.to.endsWith('/index.ts')
    ? undefined
    : `${one.from}: ${target} is entered through its index.ts, not through \`${one.to}\``;
}

function libraryName(specifier: string): string {
  const [first = specifier, second] = specifier.split('/');
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first;
}
