import type { AnyEndpoint, Endpoint } from '@rolecall/contract';
import type { z } from 'zod';
import { notRolecall, problemAsError } from './problem.ts';
import { fetchAnswer, readBody, readPieces } from './transport.ts';

/** One part of a call, which is required when the endpoint reads it. */
type Part<Name extends string, Schema extends z.ZodType> =
  undefined extends z.input<Schema>
    ? Readonly<Partial<Record<Name, undefined>>>
    : Readonly<Record<Name, z.input<Schema>>>;

/** What a call of an endpoint is given. */
export type Given<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = Part<
  'params',
  Params
> &
  Part<'query', Query> &
  Part<'body', Body> & {
    /** The version that the change was made to; a newer one refuses it. */
    readonly ifMatch?: number | undefined;
  };

/** An answer of the API: `value` has been checked, `body` is everything that was sent. */
export interface Answer<T> {
  readonly value: T;
  readonly body: unknown;
}

/** A running Rolecall, asked over HTTP. */
export interface ApiClient {
  readonly url: string;
  /** Throws a `CliError`: refused, not authorized, unreachable, or not Rolecall at all. */
  call<
    Params extends z.ZodType,
    Query extends z.ZodType,
    Body extends z.ZodType,
    Result extends z.ZodType,
  >(
    endpoint: Endpoint<Params, Query, Body, Result>,
    given: Given<Params, Query, Body>,
  ): Promise<Answer<z.output<Result>>>;
  /** The answer piece by piece, for what is too long to be held. Throws as `call` does, also in between. */
  download<Params extends z.ZodType, Query extends z.ZodType>(
    endpoint: Endpoint<Params, Query, z.ZodUndefined, z.ZodType>,
    given: Part<'params', Params> & Part<'query', Query>,
  ): AsyncIterable<string>;
  /** As `call`, with a body that is JSON already and is sent in pieces; `onSent` hears the bytes so far. */
  upload<Result extends z.ZodType>(
    endpoint: Endpoint<z.ZodType, z.ZodType, z.ZodType, Result>,
    params: Readonly<Record<string, string>>,
    json: Uint8Array,
    onSent: (bytes: number) => void,
  ): Promise<Answer<z.output<Result>>>;
}

interface AnyGiven {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly ifMatch?: number | undefined;
}

const PIECE_BYTES = 64 * 1024;

/** A client of the Rolecall at `url`. */
export function createApiClient(url: string, apiKey: string | undefined): ApiClient {
  return {
    url,
    async call(endpoint, given: AnyGiven) {
      const { body } = given;
      const response = await fetchAnswer({
        url,
        apiKey,
        method: endpoint.method.toUpperCase(),
        path: pathOf(endpoint, given),
        ifMatch: given.ifMatch,
        body: body === undefined ? undefined : () => JSON.stringify(body),
      });
      return readAnswer(url, endpoint, response);
    },
    async *download(endpoint, given: AnyGiven) {
      const path = pathOf(endpoint, given);
      const response = await fetchAnswer({ url, apiKey, method: 'GET', path });
      if (!response.ok) throw problemAsError(url, response, await readBody(url, response));
      yield* readPieces(url, response);
    },
    async upload(endpoint, params, json, onSent) {
      const response = await fetchAnswer({
        url,
        apiKey,
        method: endpoint.method.toUpperCase(),
        path: pathOf(endpoint, { params }),
        body: () => ReadableStream.from(pieces(json, onSent)),
      });
      return readAnswer(url, endpoint, response);
    },
  };
}

function pathOf(endpoint: AnyEndpoint, { params, query }: AnyGiven): string {
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(textsOf(params).get(name) ?? ''),
  );
  const search = new URLSearchParams([...textsOf(query)]);
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

/** The fields of an object that are texts, which is what paths and queries are made of. */
function textsOf(fields: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(typeof fields === 'object' && fields !== null ? fields : {});
  return new Map(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function readAnswer<Result extends z.ZodType>(
  url: string,
  endpoint: Endpoint<z.ZodType, z.ZodType, z.ZodType, Result>,
  response: Response,
): Promise<Answer<z.output<Result>>> {
  const body = await readBody(url, response);
  if (!response.ok) throw problemAsError(url, response, body);
  const result = endpoint.answer.schema?.safeParse(body);
  if (result?.success === false)
    throw notRolecall(url, 'its answer has another form than expected');
  // An endpoint without a schema of its answer has no content to speak of.
  return { value: result?.data as z.output<Result>, body };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is made of an async sequence
async function* pieces(
  bytes: Uint8Array,
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
    onSent(Math.min(start + PIECE_BYTES, bytes.length));
  }
}
