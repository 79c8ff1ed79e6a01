import { createServer } from 'node:net';
import { LocalPostgresError } from './local-postgres-error.ts';

const ATTEMPTS = 5;

/**
 * Does `use` with a port that is free, and again with another one when somebody was faster and it
 * throws `port_in_use`.
 */
export async function onFreePort<Result>(
  use: (port: number) => Promise<Result>,
  propose: () => Promise<number> = findFreePort,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await use(await propose());
    } catch (error) {
      const taken = error instanceof LocalPostgresError && error.code === 'port_in_use';
      if (!taken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** A TCP port of the loopback address that is free now; another process may still take it. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the system gave no port'));
      });
    });
  });
}
