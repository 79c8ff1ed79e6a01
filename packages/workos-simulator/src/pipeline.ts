import type { Hono } from 'hono';
import { ApiKeys } from './api-keys.ts';
import {
  type Answer,
  failure,
  type Fault,
  faultName,
  meetFault,
  throttled,
} from './faults/index.ts';
import type { Machine, Outage } from './machine.ts';
import type { RequestRecord } from './request-log.ts';

/** What is known of the caller while a request is being handled. */
export interface Caller {
  /** Settles when the caller has given up; listened for only where it matters. */
  readonly gone: () => Promise<void>;
}

/** Handles requests to the API: log, outage, fault, key, limits, and then the API itself. */
export type Pipeline = (request: Request, caller: Caller) => Promise<Answer>;

/** Builds the pipeline in front of `api`. */
export function createPipeline(machine: Machine, api: Hono): Pipeline {
  const { clock } = machine.options;
  return async (request, caller) => {
    const url = new URL(request.url);
    const began = clock.now();
    const record = machine.requests.begin(request, url, began);
    const body = machine.options.observe ? await request.clone().text() : '';
    const answer = await handle(machine, api, request, url.pathname, caller, record);
    const response = 'response' in answer ? answer.response : null;
    const outcome = answer.end === 'midway' ? 'dropped' : answer.end;
    const status = answer.end === 'answered' ? answer.response.status : null;
    machine.requests.end(record, outcome, status, clock.now() - began);
    response?.headers.set('X-Request-ID', `req_${record.number}`);
    if (answer.end === 'answered')
      await observe(machine, request, url, body, answer.response, record);
    return answer;
  };
}

async function handle(
  machine: Machine,
  api: Hono,
  request: Request,
  path: string,
  caller: Caller,
  record: RequestRecord,
): Promise<Answer> {
  if (machine.outage !== null) {
    record.fault = `outage_${machine.outage}`;
    machine.rules.note(record.fault);
    return meetOutage(machine.outage, caller);
  }
  const fault = machine.rules.strike(request.method, path);
  if (!fault) return { end: 'answered', response: await serve(machine, api, request, path) };
  record.fault = faultName(fault);
  return meet(machine, api, request, path, caller, fault);
}

async function meet(
  machine: Machine,
  api: Hono,
  request: Request,
  path: string,
  caller: Caller,
  fault: Fault,
): Promise<Answer> {
  // The body is read at once, because the connection may be gone when the request takes effect.
  const body = request.method === 'GET' ? null : await request.text();
  const copy = new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body: body === '' ? null : body,
  });
  return meetFault(fault, {
    clock: machine.options.clock,
    seed: machine.options.seed,
    callerGone: caller.gone,
    takeEffect: () => serve(machine, api, copy, path),
    late: machine.late,
  });
}

async function serve(
  machine: Machine,
  api: Hono,
  request: Request,
  path: string,
): Promise<Response> {
  const apiKey = ApiKeys.fromHeader(request.headers.get('authorization'));
  if (apiKey === null || !machine.keys.isValid(apiKey)) {
    return Response.json({ message: 'Unauthorized' }, { status: 401 });
  }
  const wait = machine.limiter.admit({ method: request.method, path, apiKey });
  if (wait !== null) return throttled(wait);
  return api.fetch(request);
}

async function meetOutage(outage: Outage, caller: Caller): Promise<Answer> {
  if (outage === 'error') return { end: 'answered', response: failure(503, 'html') };
  if (outage === 'drop') return { end: 'dropped' };
  await caller.gone();
  return { end: 'hung' };
}

async function observe(
  machine: Machine,
  request: Request,
  url: URL,
  requestBody: string,
  response: Response,
  record: RequestRecord,
): Promise<void> {
  machine.options.observe?.({
    method: request.method,
    url: `${url.pathname}${url.search}`,
    requestBody,
    status: response.status,
    responseBody: await response.clone().text(),
    fault: record.fault,
  });
}
