import { type Import } from './imports.ts';

/** The first import cycle among files, as the path that closes it, or nothing where there is none. */
export function findCycle(imports: readonly Import[]): string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const one of imports) {
    if (one.library) continue;
    const known = targets.get(one.from);
    if (known === undefined) targets.set(one.from, [one.to]);
    else known.push(one.to);
  }
  const done = new Set<string>();
  for (const start of targets.keys()) {
    const cycle = walk(start, targets, done, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function walk(
  file: string,
  targets: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  path: readonly string[],
): string[] | undefined {
  const seenAt = path.indexOf(file);
  if (seenAt >= 0) return [...path.slice(seenAt), file];
  if (done.has(file)) return undefined;
  for (const next of targets.get(file) ?? []) {
    const cycle = walk(next, targets, done, [...path, file]);
    if (cycle !== undefined) return cycle;
  }
  done.add(file);
  return undefined;
}
