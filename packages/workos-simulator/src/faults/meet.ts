import { type Clock, sleep } from '../clock.ts';
import { draw } from '../random.ts';
import type { Fault } from './fault.ts';

/** How a request is ended. `midway` sends the head and half of the body, then breaks the connection. */
export type Answer =
  | { readonly end: 'answered' | 'midway'; readonly response: Response }
  | { readonly end: 'dropped' | 'hung' };

/** What meeting a fault needs to know. */
export interface FaultContext {
  readonly clock: Clock;
  readonly seed: string;
  /** Settles when the caller has given up. */
  readonly callerGone: () => Promise<void>;
  /** Takes the request's effect; may be called once, also long after the caller has gone. */
  readonly takeEffect: () => Promise<Response>;
  /** Told of effects that are still to come. */
  readonly late: LateEffects;
}

/** Counts the writes that take effect after their caller has gone. */
export interface LateEffects {
  pending: number;
}

/** Ends a request as `fault` says. */
export async function meetFault(fault: Fault, context: FaultContext): Promise<Answer> {
  switch (fault.kind) {
    case 'delay':
      return meetDelay(fault, context);
    case 'throttle':
      return answered(throttled(fault.retryAfterSeconds ?? 1));
    case 'error':
      return meetError(fault, context);
    case 'hang':
      if (fault.stage === 'after') await context.takeEffect();
      await silence(fault.maxMs, context);
      return { end: 'hung' };
    case 'drop':
      return meetDrop(fault.stage ?? 'before', context);
    case 'late':
      return meetLate(fault, context);
    case 'reply':
      return answered(Response.json(fault.body ?? {}, { status: fault.status }));
    case 'omit':
      return answered(await omitted(await context.takeEffect(), fault.share, context.seed));
    case 'drift':
      return answered(await drifted(await context.takeEffect()));
  }
}

/** 429 as the API sends it. */
export function throttled(retryAfterSeconds: number): Response {
  return Response.json(
    { message: 'Too many requests.', code: 'rate_limit_exceeded' },
    { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) } },
  );
}

/** An error that is not the caller's fault. */
export function failure(status: number, body: 'json' | 'html'): Response {
  return body === 'json'
    ? Response.json({ message: 'Something went wrong.' }, { status })
    : new Response(`<html><body><h1>${status}</h1></body></html>`, {
        status,
        headers: { 'Content-Type': 'text/html' },
      });
}

function answered(response: Response): Answer {
  return { end: 'answered', response };
}

async function meetDelay(
  fault: Extract<Fault, { kind: 'delay' }>,
  context: FaultContext,
): Promise<Answer> {
  if (fault.stage !== 'after') await sleep(context.clock, fault.ms);
  const response = await context.takeEffect();
  if (fault.stage === 'after') await sleep(context.clock, fault.ms);
  return answered(response);
}

async function meetError(
  fault: Extract<Fault, { kind: 'error' }>,
  context: FaultContext,
): Promise<Answer> {
  if (fault.stage === 'after') await context.takeEffect();
  return answered(failure(fault.status ?? 500, fault.body ?? 'json'));
}

async function meetDrop(
  stage: 'before' | 'after' | 'midway',
  context: FaultContext,
): Promise<Answer> {
  if (stage === 'before') return { end: 'dropped' };
  const response = await context.takeEffect();
  return stage === 'midway' ? { end: 'midway', response } : { end: 'dropped' };
}

async function meetLate(
  fault: Extract<Fault, { kind: 'late' }>,
  context: FaultContext,
): Promise<Answer> {
  context.late.pending += 1;
  context.clock.schedule(() => {
    void context.takeEffect().finally(() => {
      context.late.pending -= 1;
    });
  }, fault.ms);
  if (fault.then === 'drop') return { end: 'dropped' };
  await silence(fault.maxMs, context);
  return { end: 'hung' };
}

function silence(maxMs: number | undefined, context: FaultContext): Promise<void> {
  return maxMs === undefined
    ? context.callerGone()
    : Promise.race([context.callerGone(), sleep(context.clock, maxMs)]);
}

async function omitted(
  response: Response,
  share: number | undefined,
  seed: string,
): Promise<Response> {
  const body: unknown = await response.json().catch(() => null);
  if (!isList(body)) return Response.json(body, { status: response.status });
  const data = body.data.filter((item) => draw(seed, 'omit', idOf(item)) >= (share ?? 0.5));
  return Response.json({ ...body, data }, { status: response.status });
}

async function drifted(response: Response): Promise<Response> {
  const raw = await response.text();
  if (raw === '') return new Response(null, { status: response.status });
  const body: unknown = JSON.parse(raw);
  const strange = { introduced_later: { nested: ['value'] } };
  const odd = isList(body)
    ? { ...body, ...strange, data: body.data.map((item) => ({ ...item, ...strange })) }
    : { ...(body as object), ...strange };
  return Response.json(odd, { status: response.status });
}

interface List {
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

function isList(body: unknown): body is List {
  return typeof body === 'object' && body !== null && 'data' in body && Array.isArray(body.data);
}

function idOf(item: Readonly<Record<string, unknown>>): string {
  return String(item['id'] ?? item['slug']);
}
