import { performance } from 'node:perf_hooks';
import { problemOf } from './problem.ts';
import { type Exchange, type ExchangeNotes } from './exchange.ts';
import { type RenderedReply } from './reply.ts';
import { requestIdOf } from './request-id.ts';
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
  answer: (exchange: Exchange) => Promise<RenderedReply>,
): Promise<Response> {
  const startedAt = performance.now();
  const requestId = requestIdOf(request);
  const notes: ExchangeNotes = {};
  let reply: RenderedReply;
  try {
    reply = await answer({ service, request, requestId, params, notes });
  } catch (error) {
    reply = renderProblem(error, requestId, notes);
    logFailure(service.logger, error, { requestId, method, route });
  }
  const milliseconds = performance.now() - startedAt;
  service.metrics.observeRequest({ method, route, status: reply.status }, milliseconds / 1_000);
  logRequest(service.logger, {
    method,
    route,
    status: reply.status,
    milliseconds,
    requestId,
    ...notes,
  });
  return new Response(reply.body, {
    status: reply.status,
    headers: {
      'X-Request-ID': requestId,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...reply.headers,
    },
  });
}

function renderProblem(error: unknown, requestId: string, notes: ExchangeNotes): RenderedReply {
  const { problem, headers } = problemOf(error);
  notes.code = problem.code;
  return {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify({ ...problem, request_id: requestId }),
  };
}
