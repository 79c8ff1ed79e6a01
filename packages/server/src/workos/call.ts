import { workosFailure } from './failure.ts';

/** Which of the shared limits a call counts against, beside the one for all calls. */
export type CallClass = 'user_reads' | 'user_writes' | 'other';

/** One call to WorkOS, before it is sent. */
export interface WorkosCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path with `*` for each of `ids`: `/organizations/*`. */
  readonly route: string;
  readonly ids?: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The call without ids, for messages and metrics. */
export function callName(call: WorkosCall): string {
  return `${call.method} ${call.route}`;
}

export function isWrite(call: WorkosCall): boolean {
  return call.method !== 'GET';
}

/** The limit that counts this call. */
export function callClass(call: WorkosCall): CallClass {
  if (!call.route.startsWith('/user_management/')) return 'other';
  return isWrite(call) ? 'user_writes' : 'user_reads';
}

/**
 * Whether a 404 says that something is gone. A call that names nothing cannot find nothing: then whoever
 * answered is not WorkOS.
 */
export function namesSomething(call: WorkosCall): boolean {
  const { organization_id, user_id } = call.query ?? {};
  return call.route.includes('*') || organization_id !== undefined || user_id !== undefined;
}

/**
 * The path with its ids. Throws `invalid_argument` for an id that would make it another path: an empty one
 * turns `GET one` into `GET all`, and dots climb.
 */
export function callPath(call: WorkosCall): string {
  const ids = [...(call.ids ?? [])];
  return call.route.replaceAll('*', () => {
    const id = ids.shift() ?? '';
    if (/^\.{0,2}$/.test(id)) {
      throw workosFailure('rejected', 'invalid_argument', { call: callName(call) });
    }
    return encodeURIComponent(id);
  });
}
