import { createHash } from 'node:crypto';

/** The task queue of a database, which belongs to one WorkOS environment: a copy elsewhere has another one. */
export function taskQueueOf(databaseIdentity: string): string {
  return `rolecall-${createHash('sha256').update(databaseIdentity).digest('hex').slice(0, 12)}`;
}
