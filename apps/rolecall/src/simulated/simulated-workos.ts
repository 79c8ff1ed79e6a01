import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { WorkosConnection } from '@rolecall/server';
import type { Simulator } from '@rolecall/workos-simulator';

/** A simulated WorkOS that listens on loopback. */
export interface SimulatedWorkos {
  readonly url: string;
  readonly connection: WorkosConnection & { readonly apiUrl: string };
  /** Its organizations that Rolecall is to know, by their external id. */
  readonly organizations: readonly SimulatedOrganization[];
  /** Writes its state down and ends it. */
  readonly close: () => Promise<void>;
}

export interface SimulatedOrganization {
  /** Its external id, which is its id in Rolecall. */
  readonly id: string;
  readonly workosId: string;
  readonly name: string;
}

/**
 * Starts the simulated WorkOS of a data folder, whose webhooks go to the Rolecall at `rolecallUrl`. Its port is
 * the one that is wished for, or any free one where that is taken. It is bound to loopback, whatever Rolecall is:
 * its control needs no key.
 */
export async function startSimulatedWorkos({
  dataDirectory,
  rolecallUrl,
  port,
}: {
  readonly dataDirectory: string;
  readonly rolecallUrl: string;
  readonly port: number;
}): Promise<SimulatedWorkos> {
  const { startSimulator } = await import('@rolecall/workos-simulator');
  // Rolecall may be bound to an address that others reach, so its webhooks are signed with a secret of the run.
  const webhookSecret = `whsec_${randomBytes(24).toString('base64url')}`;
  const open = (wished: number): Promise<Simulator> =>
    startSimulator({
      port: wished,
      file: join(dataDirectory, 'workos-simulator.json'),
      demo: true,
      webhookSecret,
      webhookUrls: [`${rolecallUrl}/webhooks/workos`],
    });
  const simulator = await open(port).catch((error: unknown) => {
    if (port === 0 || !isTaken(error)) throw error;
    return open(0);
  });
  await saveNow(simulator);
  return {
    url: simulator.url,
    connection: {
      apiKey: simulator.apiKey,
      apiUrl: simulator.url,
      webhookSecrets: [simulator.webhookSecret],
    },
    organizations: organizationsOf(simulator),
    close: () => simulator.close(),
  };
}

/** A new environment is written down before anything is linked to it: with its file it would lose its ids. */
async function saveNow({ url }: Simulator): Promise<void> {
  const response = await fetch(`${url}/_simulator/save`, { method: 'POST' });
  if (!response.ok) throw new Error(`the simulated WorkOS was not saved: ${response.status}`);
}

function organizationsOf(simulator: Simulator): readonly SimulatedOrganization[] {
  return simulator.state().organizations.flatMap((organization) => {
    const { id, name, external_id: externalId } = organization;
    if (typeof externalId !== 'string') return [];
    return [{ id: externalId, workosId: String(id), name: String(name) }];
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
