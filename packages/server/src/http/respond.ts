import { performance } from 'node:perf_hooks';
import { problemOf } from './problem.ts';
import { type Exchange, type ExchangeNotes } from './exchange.ts';
import { type RenderedReply, type StreamedReply } from './reply.ts';
import { acceptRequestId } from './request-id.ts';
import { type Service } from './service.ts';
import { logFailure, logRequest } from './request-log.ts';

/** Where a request arrived. */
export interface Arrival {
  readonly request: Request;
  readonly method: string;
  /** The template of the route (`/v1/organizations/{org}`), or `unmatched`. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Answers one request, whatever happens: what is thrown becomes a problem, every answer carries the request
 * id, and every request is measured and logged once.
 */
export async function respond(
  service: Service,
  { request, method, route, params }: Arrival,
  answer: (exchange: Exchange) => Promise<StreamedReply>,
): Promise<Response> {
  const startedAt = performance.now();
  const requestId = acceptRequestId(request.headers.get('x-request-id'));
  const notes: ExchangeNotes = {};
  let reply: StreamedReply;
  try {
    reply = await answer({ service, request, requestId, params, notes });
  } catch (error) {
    reply = renderFailure(service, error, { method, route, requestId, notes });
  }
  const { status } = reply;
  settle(service, { method, route, startedAt, requestId, notes, status });
  return new Response(reply.body, {
    status,
    headers: { ...answerHeaders(requestId), ...reply.headers },
  });
}

/** What every answer is sent with. */
export function answerHeaders(requestId: string): Readonly<Record<string, string>> {
  return {
    'X-Request-ID': requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** A request as the log and the figures know it. */
interface Answered {
  readonly method: string;
  readonly route: string;
  readonly requestId: string;
  readonly notes: ExchangeNotes;
}

/** Measures and logs a request that has been answered. */
export function settle(
  { metrics, logger }: Service,
  answered: Answered & { readonly startedAt: number; readonly status: number },
): void {
  const { method, route, status, requestId, startedAt, notes } = answered;
  const milliseconds = performance.now() - startedAt;
  metrics.observeRequest({ method, route, status }, milliseconds / 1_000);
  logRequest(logger, { method, route, status, milliseconds, requestId, ...notes });
}

/** The problem that an error is to a caller; what is not the caller's doing is logged. */
export function renderFailure(
  { logger }: Service,
  error: unknown,
  { method, route, requestId, notes }: Answered,
): RenderedReply {
  const { problem, headers } = problemOf(error);
  notes.code = problem.code;
  logFailure(logger, error, { requestId, method, route });
  return {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify({ ...problem, request_id: requestId }),
  };
}
