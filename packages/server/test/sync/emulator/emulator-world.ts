import { once } from 'node:events';
import { createServer } from 'node:http';
import { builtinPolicy } from '@rolecall/policy';
import { createTestDatabase } from '@rolecall/testkit';
import { type Db, inTransaction, type Tx } from '../../../src/database/index.ts';
import { createOrganization, listMembers, type Member } from '../../../src/roles/index.ts';
import { openSync, type Sync } from '../../../src/sync/index.ts';
import { type SignedWebhook } from '../../../src/workos/index.ts';
import { startEmulator } from '../../../src/workos/test/emulator.ts';
import { startInterpreter } from './interpreter.ts';

export const context = { actor: 'system', requestId: null, policy: builtinPolicy };

/** The engine as a process runs it, on the emulator, with one organization on both sides. */
export interface EmulatorWorld {
  readonly db: Db;
  readonly sync: Sync;
  /** The organization's id in the emulator; ours is `acme`. */
  readonly remoteId: string;
  /** Does something there as a person would, past the interpreter. */
  readonly there: (method: string, path: string, body?: unknown) => Promise<Remote>;
  readonly command: <T>(work: (tx: Tx) => Promise<{ readonly value: T }>) => Promise<T>;
  readonly member: (email: string) => Promise<Member | undefined>;
  /** What the emulator has sent so far, as it arrived. */
  readonly webhooks: readonly SignedWebhook[];
  readonly webhookSecret: string;
  readonly close: () => Promise<void>;
}

/** Whatever the emulator answers. */
export interface Remote {
  readonly id: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly status?: string;
  readonly external_id?: string | null;
  readonly role?: { readonly slug: string };
  readonly code?: string;
}

export async function openEmulatorWorld(): Promise<EmulatorWorld> {
  const emulator = await startEmulator();
  const interpreter = await startInterpreter(emulator.url);
  const test = await createTestDatabase();
  const { db } = test;
  const there: EmulatorWorld['there'] = async (method, path, body) => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return (text === '' ? { id: '' } : JSON.parse(text)) as Remote;
  };
  const { id: remoteId } = await there('POST', '/organizations', { name: 'Acme' });
  const workos = { apiKey: emulator.apiKey, apiUrl: interpreter.url };
  const sync = openSync({ db, url: test.url, workos });
  const inbox = await openInbox(() => {
    sync.nudge();
  });
  const webhookSecret = 'whsec_of_the_emulator';
  await there('POST', '/webhook_endpoints', { endpoint_url: inbox.url, secret: webhookSecret });
  await inTransaction(db, (tx) =>
    createOrganization(tx, { id: 'acme', name: 'Acme', workosId: remoteId }, context),
  );
  return {
    db,
    sync,
    remoteId,
    there,
    command: async (work) => (await inTransaction(db, work)).value,
    member: async (email) => {
      const { data } = await listMembers(db, 'acme', { limit: 1_000 });
      return data.find((one) => one.email === email);
    },
    webhooks: inbox.received,
    webhookSecret,
    close: async () => {
      await sync.close();
      await inbox.close();
      await interpreter.close();
      await emulator.close();
      await test.close();
    },
  };
}

interface Inbox {
  readonly url: string;
  readonly received: readonly SignedWebhook[];
  readonly close: () => Promise<void>;
}

/** Takes webhooks. Each is a nudge, as a believed one is; whether it can be believed is a test of its own. */
async function openInbox(nudge: () => void): Promise<Inbox> {
  const received: SignedWebhook[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = request.headers['workos-signature'];
      received.push({ header: String(header), body: Buffer.concat(chunks) });
      nudge();
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
