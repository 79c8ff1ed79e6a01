import { resolve } from 'node:path';
import { type Config, defaultPort } from '../config.ts';
import type { Session } from '../session/index.ts';
import type { SimulatedWorkos } from '../simulated/index.ts';
import type { Wired } from '../wire.ts';
import type { FirstKey } from './first-key.ts';
import { WORKOS_URL } from './workos-connection.ts';
import { renderStartScreen, shortened, type WorkosOnScreen } from './start-screen.ts';

/** What runs, and the key that a person begins with. */
export interface Ready {
  readonly url: string;
  readonly key: FirstKey;
  readonly wired: Wired;
  readonly simulated: SimulatedWorkos | undefined;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Says that everything runs: the screen, or its facts as JSON. */
export async function sayReady(
  { output }: Session,
  config: Config,
  { url, key, wired, simulated }: Ready,
): Promise<void> {
  const sampleIsThere = await wired.roles.getOrganization('hc').then(
    () => true,
    () => false,
  );
  const embedded = config.databaseUrl === undefined;
  const facts = {
    url,
    reference_url: `${url}/docs`,
    ...(key.secret !== undefined && { api_key: key.secret }),
    api_key_hint: key.hint ?? null,
    workos: workosFacts(config, simulated),
    data_directory: embedded ? config.dataDirectory : null,
    pid: process.pid,
  };
  output.answer(facts, () =>
    renderStartScreen(
      {
        url,
        newKey: key.secret,
        keyHint: key.hint,
        keyIsGiven: config.apiKey !== undefined,
        workos: workosOnScreen(config, simulated),
        sampleIsThere,
        isPublic: !LOOPBACK.has(config.host),
        isFound: isFoundByCommands(config, url),
        place: embedded
          ? `the data stays in ${shortened(config.dataDirectory)}`
          : 'the data stays in the database of DATABASE_URL',
      },
      output.style,
    ),
  );
}

/** Whether a command that was told nothing, in the same folder, finds this process. */
function isFoundByCommands(config: Config, url: string): boolean {
  const noteIsFound =
    config.databaseUrl === undefined && config.dataDirectory === resolve('.rolecall');
  return noteIsFound || new URL(url).port === String(defaultPort);
}

function workosFacts(
  { workos }: Config,
  simulated: SimulatedWorkos | undefined,
): Readonly<Record<string, unknown>> {
  return simulated === undefined
    ? { url: workos?.apiUrl ?? WORKOS_URL, simulated: false }
    : { url: simulated.url, simulated: true, api_key: simulated.connection.apiKey };
}

function workosOnScreen(
  { workos }: Config,
  simulated: SimulatedWorkos | undefined,
): WorkosOnScreen {
  return {
    url: simulated?.url ?? workos?.apiUrl ?? WORKOS_URL,
    simulated: simulated && {
      apiKey: simulated.connection.apiKey,
      organizations: simulated.organizations.map(({ id }) => id),
    },
    expectsWebhooks: (workos?.webhookSecrets.length ?? 1) > 0,
  };
}
