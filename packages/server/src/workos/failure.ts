/**
 * What can go wrong with a call to WorkOS. The kind says what to do about it:
 *
 *   throttled     too many calls; come back after `retryAfterMs`
 *   unavailable   WorkOS did not answer, or not as itself; the breaker counts these
 *   rejected      WorkOS understood and refuses; the same call will be refused again
 *   gone          what the call names is not there
 *   conflicting   what is there stands in the way
 *   unauthorized  the key is refused, or may not do this
 *   malformed     the answer cannot be what was asked for
 */
export const workosFailureCodes = {
  throttled: [
    'rate_limited', // WorkOS answered 429
    'paused', // another call was answered 429; not sent
    'budget_exhausted', // no room in the shared budget within the time allowed; not sent
  ],
  unavailable: [
    'server_error', // 5xx and 408
    'timeout', // no whole answer within the time allowed
    'connection_lost', // it broke after the request may have left
    'not_connected', // the request never left
    'circuit_open', // WorkOS is known to be away; not sent
    'closed', // the client was closed
  ],
  rejected: [
    'invalid_role',
    'multiple_roles_not_enabled',
    'external_id_already_used',
    'unknown_cursor', // the event of the cursor is not kept any more
    'invalid_request', // any other 4xx
    'invalid_argument', // refused before it was sent
  ],
  gone: ['not_found'],
  conflicting: [
    'organization_role_slug_conflict',
    'role_has_assignments',
    'role_has_group_role_mappings',
    'conflict', // any other 409
  ],
  unauthorized: [
    'key_refused', // 401
    'forbidden', // 403
    'key_stopped', // the key is known to be refused; not sent
  ],
  malformed: [
    'unreadable_answer', // not JSON: most likely not from WorkOS at all
    'unexpected_answer', // a required field is missing or of another type
    'events_out_of_order',
    'events_restarted', // the stream began anew instead of going on after the cursor
    'listing_stuck', // a page leads to itself
  ],
} as const;

export type WorkosFailureKind = keyof typeof workosFailureCodes;
export type WorkosFailureCode = (typeof workosFailureCodes)[WorkosFailureKind][number];
type CodeOf<Kind extends WorkosFailureKind> = (typeof workosFailureCodes)[Kind][number];

/** What is known about a failure besides its kind and code. */
export interface WorkosFailureFacts {
  /** The call as method and route, ids replaced: `PUT /user_management/organization_memberships/*`. */
  readonly call: string;
  /** The write may have taken effect, or may yet. Always false for a read. */
  readonly ambiguous?: boolean;
  readonly retryAfterMs?: number;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The code in WorkOS's own words, when it is a plain identifier. For operators. */
  readonly remoteCode?: string;
  /** What WorkOS calls this request; its support asks for it. */
  readonly requestId?: string;
  /** For the log alone: it may hold WorkOS's words. */
  readonly cause?: unknown;
}

/**
 * The one error of the port. The message holds neither ids, nor secrets, nor WorkOS's words; branch on
 * `kind` and `code`.
 */
export class WorkosFailure extends Error {
  override readonly name = 'WorkosFailure';
  readonly kind: WorkosFailureKind;
  readonly code: WorkosFailureCode;
  readonly call: string;
  readonly ambiguous: boolean;
  readonly retryAfterMs: number | null;
  readonly status: number | null;
  readonly remoteCode: string | null;
  readonly requestId: string | null;

  constructor(kind: WorkosFailureKind, code: WorkosFailureCode, facts: WorkosFailureFacts) {
    const status = facts.status === undefined ? '' : ` (status ${facts.status})`;
    const message = `WorkOS call \`${facts.call}\` failed: ${kind}, ${code}${status}`;
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.code = code;
    this.call = facts.call;
    this.ambiguous = facts.ambiguous ?? false;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.status = facts.status ?? null;
    this.remoteCode = facts.remoteCode ?? null;
    this.requestId = facts.requestId ?? null;
  }
}

/** A failure of this kind. The code must be one of the kind's. */
export function workosFailure<Kind extends WorkosFailureKind>(
  kind: Kind,
  code: CodeOf<Kind>,
  facts: WorkosFailureFacts,
): WorkosFailure {
  return new WorkosFailure(kind, code, facts);
}

/** Whether a thrown value is a failure of the port; of this kind or with this code, when one is named. */
export function isWorkosFailure(
  error: unknown,
  kindOrCode?: WorkosFailureKind | WorkosFailureCode,
): error is WorkosFailure {
  if (!(error instanceof WorkosFailure)) return false;
  return kindOrCode === undefined || error.kind === kindOrCode || error.code === kindOrCode;
}
