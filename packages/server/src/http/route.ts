import { type AnyEndpoint, type Endpoint } from '@rolecall/contract';
import { type z } from 'zod';
import { type Written } from '../access/index.ts';
import { inTransaction, type Tx } from '../database/index.ts';
import { type CommandContext } from '../roles/index.ts';
import { type Admission, admit } from './admission.ts';
import { type CallerKey } from './authentication.ts';
import { type Exchange } from './exchange.ts';
import { type IdempotentRequest, once, readIdempotencyKey } from './idempotency.ts';
import { readIfMatch } from './if-match.ts';
import { type Content, readContent } from './content.ts';
import { renderReply, type RenderedReply, type Reply, type StreamedReply } from './reply.ts';
import { type Service } from './service.ts';

/** An endpoint and how it is answered. */
export interface Route {
  readonly endpoint: AnyEndpoint;
  readonly answer: (exchange: Exchange) => Promise<StreamedReply>;
}

/** A request whose every part has been validated. */
export interface Call<Params, Query, Body> {
  readonly service: Service;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly apiKey: CallerKey;
  /** `user:<id>` when the call is made for a user. */
  readonly actor: string | undefined;
}

/** A call that changes something, inside its transaction. */
export interface WriteCall<Params, Query, Body> extends Call<Params, Query, Body> {
  readonly tx: Tx;
  readonly context: CommandContext;
  /** The version that the caller read, if it said so. */
  readonly ifMatch: number | undefined;
}

type Out<Schema extends z.ZodType> = z.output<Schema>;

/** A route that changes nothing. */
export function readRoute<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  endpoint: Endpoint<P, Q, B, R>,
  handler: (call: Call<Out<P>, Out<Q>, Out<B>>) => Promise<Reply<Out<R>>>,
): Route {
  return {
    endpoint,
    answer: async (exchange) => {
      const admission = await admit(endpoint, exchange);
      const content = await readContent(endpoint, exchange.request);
      const call = callOf<P, Q, B>(exchange, admission, content);
      return renderReply(endpoint, await handler(call));
    },
  };
}

/** A route that changes something: its handler runs in one transaction, once under an Idempotency-Key. */
export function writeRoute<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  endpoint: Endpoint<P, Q, B, R>,
  handler: (call: WriteCall<Out<P>, Out<Q>, Out<B>>) => Promise<Reply<Out<R>>>,
): Route {
  return {
    endpoint,
    answer: async (exchange) => {
      const admission = await admit(endpoint, exchange);
      const content = await readContent(endpoint, exchange.request);
      const call = callOf<P, Q, B>(exchange, admission, content);
      const ifMatch = endpoint.ifMatch === true ? readIfMatch(exchange.request.headers) : undefined;
      const context = contextOf(exchange, admission);
      const request = idempotentRequest(exchange, admission, content);
      const { database, access } = exchange.service;
      let committed: Written | undefined;
      const rendered = await inTransaction(database.db, async (tx) => {
        const write = async (): Promise<RenderedReply> => {
          const reply = await handler({ ...call, tx, context, ifMatch });
          committed = reply.committed;
          return renderReply(endpoint, reply);
        };
        return request === undefined ? write() : once(tx, request, write);
      });
      if (committed !== undefined) access.wrote(committed);
      return rendered;
    },
  };
}

/** A route that anybody may call. */
export function publicRoute<R extends z.ZodType>(
  endpoint: Endpoint<z.ZodUndefined, z.ZodUndefined, z.ZodUndefined, R>,
  handler: (service: Service) => Promise<Reply<Out<R>>>,
): Route {
  return { endpoint, answer: async ({ service }) => renderReply(endpoint, await handler(service)) };
}

/** The request of a call whose every part has been validated. */
export function callOf<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  { service }: Exchange,
  { caller, actor, params }: Admission,
  { query, body }: Content,
): Call<Out<P>, Out<Q>, Out<B>> {
  // The three were read by the schemas of the endpoint whose types these are.
  return { service, params, query, body, apiKey: caller.apiKey, actor } as Call<
    Out<P>,
    Out<Q>,
    Out<B>
  >;
}

function contextOf({ service, requestId }: Exchange, { caller, actor }: Admission): CommandContext {
  return { actor: actor ?? `api_key:${caller.apiKey.id}`, requestId, policy: service.policy };
}

function idempotentRequest(
  { request }: Exchange,
  { caller, actor }: Admission,
  { bytes }: Content,
): IdempotentRequest | undefined {
  const key = readIdempotencyKey(request.headers);
  if (key === undefined) return undefined;
  const { pathname, search } = new URL(request.url);
  return {
    apiKeyId: caller.apiKey.id,
    secret: caller.secret,
    identity: [actor ?? '', request.method, pathname, key],
    content: [search, request.headers.get('if-match') ?? '', bytes],
  };
}
