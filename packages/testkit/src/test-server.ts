import { inject } from 'vitest';

/** The PostgreSQL of this test run. */
export interface TestServer {
  readonly url: string;
  /** The migrated database that test databases are copies of. */
  readonly template: string;
  /** What the names of this run's databases begin with. */
  readonly prefix: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly rolecallTestServer: TestServer;
  }
}

/** The server that the global setup has started. Usable inside a vitest run only. */
export function testServer(): TestServer {
  return inject('rolecallTestServer');
}
