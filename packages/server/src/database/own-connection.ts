import { Client } from 'pg';
import { connectFailure, judgeStatementFailure } from './failures.ts';
import { type Statement } from './session.ts';
import { valueParsers } from './value-parsers.ts';

/** One connection outside of the pool: to listen, and to be asked without waiting for anybody else. */
export interface OwnConnection {
  /**
   * Whether one server process stands behind it for good. Not so behind a pooler that gives every
   * transaction to any process: there, announcements do not arrive.
   */
  readonly direct: boolean;
  /** The rows of one statement. Throws `database_unavailable`; then the connection is of no more use. */
  query<Row>(statement: Statement): Promise<Row[]>;
  /** Calls `heard` with every announcement on a channel, from when it resolves. */
  listen(channel: string, heard: (payload: string) => void): Promise<void>;
  /** Aborted when the connection is no more, whoever ended it. */
  readonly ended: AbortSignal;
  /** Cuts the connection, also in the middle of a statement. */
  close(): void;
}

export interface OwnConnectionOptions {
  readonly url: string;
  /** How it is called in `pg_stat_activity`. */
  readonly applicationName: string;
  /** The longest that connecting, and each statement, may take. */
  readonly timeoutMs: number;
  /** Cuts the connection when aborted, also while it is being opened. */
  readonly signal?: AbortSignal;
}

/** Opens a connection of one's own. Throws `database_unavailable`. */
export async function openOwnConnection(options: OwnConnectionOptions): Promise<OwnConnection> {
  // No settings of the session: a pooler in transaction mode refuses or forgets them.
  const client = new Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    types: valueParsers,
    keepAlive: true,
  });
  const ended = new AbortController();
  // Without a listener, a connection that is cut off would end the process.
  client.on('error', () => {
    ended.abort();
  });
  client.on('end', () => {
    ended.abort();
  });
  options.signal?.addEventListener(
    'abort',
    () => {
      cut(client);
    },
    { signal: ended.signal },
  );
  try {
    await client.connect();
    return new ClientConnection(client, ended.signal, await isDirect(client));
  } catch (error) {
    cut(client);
    throw connectFailure(error);
  }
}

class ClientConnection implements OwnConnection {
  readonly direct: boolean;
  readonly ended: AbortSignal;
  readonly #client: Client;

  constructor(client: Client, ended: AbortSignal, direct: boolean) {
    this.#client = client;
    this.ended = ended;
    this.direct = direct;
  }

  async query<Row>({ name, text, values = [] }: Statement): Promise<Row[]> {
    const named = this.direct && name !== undefined ? { name } : undefined;
    try {
      const { rows } = await this.#client.query({ ...named, text, values: [...values] });
      return rows as Row[];
    } catch (error) {
      throw judgeStatementFailure(error).error;
    }
  }

  async listen(channel: string, heard: (payload: string) => void): Promise<void> {
    this.#client.on('notification', (message) => {
      if (message.channel === channel) heard(message.payload ?? '');
    });
    await this.query({ text: `LISTEN ${this.#client.escapeIdentifier(channel)}` });
  }

  close(): void {
    cut(this.#client);
  }
}

/** A pooler tells its clients a process id of its own making. */
async function isDirect(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');
  return 'processID' in client && client.processID === rows[0]?.pid;
}

/** Ends it without a goodbye: `pg` waits for the answer to one, which a connection that hangs never gives. */
function cut(client: Client): void {
  client.connection.stream.destroy();
}
