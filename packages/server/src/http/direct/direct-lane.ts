import { isUtf8 } from 'node:buffer';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { endpoints } from '@rolecall/contract';
import { answerChecks, answerFilter } from '../../access/index.ts';
import { type CallerKey, reaches } from '../authentication.ts';
import { bodyBounds } from '../content.ts';
import { type ExchangeNotes } from '../exchange.ts';
import { parseJsonText } from '../json-text.ts';
import { type RenderedReply, renderJson } from '../reply.ts';
import { acceptRequestId } from '../request-id.ts';
import { answerHeaders, renderFailure, settle } from '../respond.ts';
import { checkReply } from '../routes/check.ts';
import { filterReply } from '../routes/filter.ts';
import { type Service } from '../service.ts';
import { ConnectionKeys } from './connection-keys.ts';
import { type PlainQuestion, recognise } from './recognise.ts';
import { readPlainCheck, readPlainFilter } from './plain-body.ts';
import { readWholeBody } from './whole-body.ts';

/** What hands a request on to the routes; its body has been read when `rawBody` is there. */
export type Otherwise = (
  incoming: IncomingMessage & { rawBody?: Buffer },
  outgoing: ServerResponse,
) => unknown;

/** Answers a request of a Node server, or hands it on. */
export type DirectLane = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  otherwise: Otherwise,
) => void;

/**
 * Answers plain checks and filters straight from memory, without making a standard request of them first,
 * which takes longer than the answer does. Whatever is not plain, not known to memory or not right is handed
 * on: the routes say everything else, and say the same to what is answered here.
 */
export function createDirectLane(service: Service): DirectLane {
  const lane: Lane = { service, keys: new ConnectionKeys() };
  return (incoming, outgoing, otherwise) => {
    const question = recognise(incoming);
    if (question === undefined) {
      otherwise(incoming, outgoing);
      return;
    }
    const startedAt = performance.now();
    const arrival = arrivals[question.kind];
    const connection = incoming.socket;
    readWholeBody(incoming, question.length, (bytes) => {
      const requestId = acceptRequestId(question.requestId);
      const notes: ExchangeNotes = {};
      let reply: RenderedReply | undefined;
      try {
        reply =
          bytes.length === question.length
            ? answer(lane, { connection, question, bytes, notes })
            : undefined;
      } catch (error) {
        reply = renderFailure(service, error, { requestId, notes, ...arrival });
      }
      if (reply === undefined) {
        otherwise(Object.assign(incoming, { rawBody: bytes }), outgoing);
        return;
      }
      settle(service, { ...arrival, startedAt, requestId, notes, status: reply.status });
      send(outgoing, requestId, reply);
    });
  };
}

const arrivals = {
  check: { method: 'POST', route: endpoints.check.path },
  filter: { method: 'POST', route: endpoints.filter.path },
} as const;

interface Lane {
  readonly service: Service;
  readonly keys: ConnectionKeys;
}

interface Asked {
  readonly connection: object;
  readonly question: PlainQuestion;
  readonly bytes: Buffer;
  /** Where it is noted what the log line is to say. */
  readonly notes: ExchangeNotes;
}

/** Sends an answer in one piece. */
function send(outgoing: ServerResponse, requestId: string, reply: RenderedReply): void {
  const body = reply.body ?? '';
  const length = Buffer.byteLength(body);
  const heads = ['Content-Length', String(length)];
  for (const part of [answerHeaders(requestId), reply.headers]) {
    for (const name in part) heads.push(name, part[name] ?? '');
  }
  outgoing.writeHead(reply.status, heads);
  // A text of as many bytes as characters is ASCII, which needs no encoding.
  outgoing.end(body, length === body.length ? 'latin1' : 'utf8');
}

/** The answer, when it can be given at once. Throws what the routes would throw. */
function answer(
  lane: Lane,
  { connection, question, bytes, notes }: Asked,
): RenderedReply | undefined {
  const { service } = lane;
  const { kind, organizationId } = question;
  const apiKey = findCaller(lane, connection, question);
  const body = apiKey === undefined ? undefined : parseBody(bytes);
  if (apiKey === undefined || body === undefined) return undefined;
  const request = kind === 'check' ? readPlainCheck(body) : readPlainFilter(body);
  if (request === undefined) return undefined;
  const handle = service.access.find(organizationId, request.principal);
  if (handle === undefined) return undefined;
  notes.apiKeyId = apiKey.id;
  notes.organizationId = organizationId;
  const result =
    'checks' in request
      ? checkReply(service.metrics, answerChecks(handle, request))
      : filterReply(service.metrics, request.resourceIds.length, answerFilter(handle, request));
  return renderJson(result);
}

/** The key of the caller, if memory knows it and it may ask here; every refusal is for the routes to say. */
function findCaller(
  { service: { access }, keys }: Lane,
  connection: object,
  { authorization, organizationId }: PlainQuestion,
): CallerKey | undefined {
  const hash = keys.hashOf(connection, authorization);
  const apiKey = hash === undefined ? undefined : access.keys?.find(hash);
  return apiKey !== undefined && reaches(apiKey, organizationId) ? apiKey : undefined;
}

function parseBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  try {
    return parseJsonText(bytes.toString('utf8'), bodyBounds);
  } catch {
    return undefined;
  }
}
