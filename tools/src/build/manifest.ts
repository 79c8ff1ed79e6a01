/** The part of a package.json that the build reads and rewrites. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What only the repository needs. */
const repositoryOnly: ReadonlySet<string> = new Set(['devDependencies', 'scripts']);

/**
 * The manifest as it is published: entries point at the compiled files, and what only the repository
 * needs is gone. In the repository the entries point at the sources, because they are run directly.
 */
export function publishedManifest(source: Manifest): Manifest {
  const published: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(source)) {
    if (!repositoryOnly.has(field)) published[field] = value;
  }
  if (source.exports !== undefined) {
    published['exports'] = mapValues(onlyShipped(source.exports), compiledEntry);
  }
  if (source.bin !== undefined) published['bin'] = mapValues(source.bin, compiledPath);
  // A launcher in `bin/` is JavaScript already and is published as it is.
  const launched = Object.values(source.bin ?? {}).some((path) => path.startsWith('./bin/'));
  const files = launched ? ['bin', 'dist'] : ['dist'];
  return { ...published, name: source.name, files, engines: { node: '>=22.18' } };
}

/** Entries that point outside of `src/` serve the tests of this repository and are not shipped. */
function onlyShipped(entries: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entries).filter(([, path]) => String(path).startsWith('./src/')),
  );
}

function compiledEntry(path: unknown): { types: string; default: string } {
  const compiled = compiledPath(String(path));
  return { types: compiled.replace(/\.js$/, '.d.ts'), default: compiled };
}

function compiledPath(path: string): string {
  return path.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js');
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
