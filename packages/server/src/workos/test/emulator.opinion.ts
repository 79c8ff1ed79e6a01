import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describePort } from './port-conformance.ts';
import { rawApi } from './raw-api.ts';
import { openUngatedPort } from './ungated-port.ts';

/*
 * The port against the emulator that WorkOS publishes, as the opinion of somebody else. It comes with the
 * package `workos`, some 300 MB with what it needs, so it is fetched once, by this suite alone:
 *
 *   npm run opinion:emulator
 */
const VERSION = '0.14.0';

/** What the emulator does not do as the published API does, by the name of the test. */
const exceptions = {
  'merges metadata key by key and removes what is null': 'it replaces metadata as a whole',
  'tells roles of the organization from roles of the environment':
    'its list of an organization lacks the roles of the environment',
  'renames a role under the same id and slug': 'it updates roles by PUT, the API by PATCH',
  'refuses a slug that is taken': 'it answers 422 instead of 409',
  'keeps a role that somebody holds': 'it deletes the role and takes it from its holders',
  'replaces the role set of a membership, or says that several are not enabled':
    'its memberships have one role, and it ignores role_slugs',
  'refuses a role that does not exist': 'it ignores role_slugs',
  'lists memberships of every status, and those of one when asked to': 'it ignores statuses',
  'finds the membership of a user, with their profile': 'its memberships embed no user',
  'sets and clears the external id of a user, and refuses one that is taken':
    'it lets two users have the same one',
  'shows the stream of events in order, and goes on after a cursor':
    'its stream comes newest first, which the port refuses',
};

interface Emulator {
  readonly url: string;
  readonly apiKey: string;
  readonly close: () => Promise<void>;
}

describePort(`the emulator of \`workos\` ${VERSION}`, async () => {
  const emulator = await startEmulator();
  const { apiKey, url: apiUrl } = emulator;
  const own = openUngatedPort({ apiKey, apiUrl });
  const strangers = openUngatedPort({ apiKey: 'sk_test_stranger', apiUrl });
  return {
    port: own.port,
    strangersPort: strangers.port,
    raw: rawApi(apiUrl, apiKey),
    exceptions,
    eventDelayMs: 1_000,
    close: async () => {
      own.close();
      strangers.close();
      await emulator.close();
    },
  };
});

async function startEmulator(): Promise<Emulator> {
  const entry = await fetchEmulator();
  const module = (await import(pathToFileURL(entry).href)) as {
    readonly createEmulator: (options: unknown) => Promise<Emulator>;
  };
  const roles = ['admin', 'member'].map((slug) => ({ slug, name: slug, type: 'EnvironmentRole' }));
  return module.createEmulator({ port: await freePort(), seed: { roles } });
}

/** The emulator's entry; installed beside the dependencies when it is not there yet. */
async function fetchEmulator(): Promise<string> {
  const folder = join(process.cwd(), 'node_modules', '.cache', `workos-emulator-${VERSION}`);
  const entry = join(folder, 'node_modules', 'workos', 'dist', 'emulate', 'index.js');
  if (existsSync(entry)) return entry;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const what = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `workos@${VERSION}`];
  await promisify(execFile)('npm', what, { cwd: folder });
  return entry;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}
