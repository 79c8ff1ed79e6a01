import { callName, isWrite, namesSomething, type WorkosCall } from './call.ts';
import { workosFailure, type WorkosFailure, type WorkosFailureFacts } from './failure.ts';

/** An answer that is not a success, as it came over the wire. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Why no whole answer came. */
export interface LostAnswer {
  readonly reason: 'timeout' | 'closed' | 'error';
  readonly error: unknown;
}

/** What is waited after a 429 that does not say how long. */
const DEFAULT_RETRY_AFTER_MS = 1_000;
/** Nobody outside decides to stop Rolecall for longer. */
const MAX_RETRY_AFTER_MS = 600_000;

const rejectedCodes = [
  'invalid_role',
  'multiple_roles_not_enabled',
  'external_id_already_used',
] as const;
const conflictingCodes = [
  'organization_role_slug_conflict',
  'role_has_assignments',
  'role_has_group_role_mappings',
] as const;

/** Judges an answer that is not a success; the one place where a status becomes a failure. */
export function classifyAnswer(
  call: WorkosCall,
  answer: RefusedAnswer,
  now: number,
): WorkosFailure {
  const { status } = answer;
  const body = readBody(answer.text);
  const facts = factsOf(call, answer, body, now);
  if (status === 429) {
    const retryAfterMs = facts.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
    return workosFailure('throttled', 'rate_limited', { ...facts, retryAfterMs });
  }
  if (status >= 500 || status === 408) {
    return workosFailure('unavailable', 'server_error', { ...facts, ambiguous: isWrite(call) });
  }
  if (status === 401) return workosFailure('unauthorized', 'key_refused', facts);
  if (status === 403) return workosFailure('unauthorized', 'forbidden', facts);
  if (status < 400 || body === undefined) return unreadable(call, facts);
  const rejected = rejectedCodes.find((code) => code === body.code);
  if (rejected !== undefined) return workosFailure('rejected', rejected, facts);
  if (status === 404) return judgeAbsence(call, body, facts);
  if (status === 409) {
    const code = conflictingCodes.find((known) => known === body.code) ?? 'conflict';
    return workosFailure('conflicting', code, facts);
  }
  return workosFailure('rejected', 'invalid_request', facts);
}

/** Judges a request that got no whole answer. */
export function classifyLoss(call: WorkosCall, loss: LostAnswer): WorkosFailure {
  const facts = { call: callName(call), cause: loss.error };
  if (loss.reason === 'error' && neverLeft(loss.error)) {
    return workosFailure('unavailable', 'not_connected', facts);
  }
  const code = loss.reason === 'error' ? 'connection_lost' : loss.reason;
  return workosFailure('unavailable', code, { ...facts, ambiguous: isWrite(call) });
}

/** A success whose body is not JSON: something between us and WorkOS has answered. */
export function unreadable(call: WorkosCall, facts: Partial<WorkosFailureFacts>): WorkosFailure {
  return workosFailure('malformed', 'unreadable_answer', {
    ...facts,
    call: callName(call),
    ambiguous: isWrite(call),
  });
}

/**
 * A 404 is believed only when it is about the thing: absence has consequences, and a wrong address must
 * not look like an empty environment.
 */
function judgeAbsence(
  call: WorkosCall,
  body: AnswerBody,
  facts: WorkosFailureFacts,
): WorkosFailure {
  const unknownRoute = /^Cannot [A-Z]+ \//.test(body.message ?? '');
  const believable =
    namesSomething(call) && !unknownRoute && (body.message ?? body.code) !== undefined;
  return believable ? workosFailure('gone', 'not_found', facts) : unreadable(call, facts);
}

interface AnswerBody {
  readonly code?: string;
  readonly message?: string;
}

function readBody(text: string): AnswerBody | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, message } = body as Readonly<Record<string, unknown>>;
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  };
}

function factsOf(
  call: WorkosCall,
  { status, headers, text }: RefusedAnswer,
  body: AnswerBody | undefined,
  now: number,
): WorkosFailureFacts {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), now);
  const requestId = headers.get('x-request-id');
  const remoteCode = body?.code;
  return {
    call: callName(call),
    status,
    cause: new Error(withoutSecrets(`status ${status}: ${body?.message ?? text}`)),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(requestId !== null && /^[\w-]{1,64}$/.test(requestId) && { requestId }),
    ...(remoteCode !== undefined && /^\w{1,64}$/.test(remoteCode) && { remoteCode }),
  };
}

/** Seconds or a date, as milliseconds from now; nothing when it is neither. */
function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  const wait = /^\s*\d+\s*$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  if (Number.isNaN(wait)) return undefined;
  return Math.min(Math.max(wait, 0), MAX_RETRY_AFTER_MS);
}

/** The start of a text, without what looks like a key of WorkOS. */
function withoutSecrets(text: string): string {
  return text.slice(0, 500).replaceAll(/\b(?:sk|whsec)_[\w-]+/g, '[secret]');
}

/** What fails before a byte of the request is written: names, routes, ports, certificates. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Whether it is certain that the request never left; an unknown error leaves it open. */
function neverLeft(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    if ('code' in one && typeof one.code === 'string' && NEVER_LEFT.has(one.code)) return true;
  }
  return false;
}
