import { randomUUID } from 'node:crypto';

const acceptable = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** The caller's id of a request, if it can stand in a log line and a header; a new one otherwise. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get('x-request-id');
  return given !== null && acceptable.test(given) ? given : randomUUID();
}
