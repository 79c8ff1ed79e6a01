import { randomUUID } from 'node:crypto';

const acceptable = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** The caller's id of a request, if it can stand in a log line and a header; a new one otherwise. */
export function acceptRequestId(given: string | null | undefined): string {
  return typeof given === 'string' && acceptable.test(given) ? given : randomUUID();
}
