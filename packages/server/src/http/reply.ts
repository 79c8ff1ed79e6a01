import { type AnyEndpoint } from '@rolecall/contract';
import { encodeRevision, type Revision } from '../access/index.ts';
import { entityTagOf } from './if-match.ts';

/** What a route answers, before it is put on the wire. */
export interface Reply<Result> {
  readonly body?: Result;
  /** The version, for the ETag. */
  readonly version?: number;
  /** The last two steps of the path of what was made. */
  readonly location?: readonly string[];
  /** What the write raised, for `Rolecall-Revision`. */
  readonly committed?: Revision;
}

/** An answer as it goes over the wire, at once or piece by piece. */
export interface StreamedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an answer without a body. */
  readonly body: string | ReadableStream<Uint8Array> | null;
}

/** An answer as it goes over the wire, and as it is kept under an Idempotency-Key. */
export interface RenderedReply extends StreamedReply {
  readonly body: string | null;
}

/** Puts an answer into the form that goes over the wire. It asks the database nothing. */
export function renderReply(
  { answer }: AnyEndpoint,
  { body, version, location, committed }: Reply<unknown>,
): RenderedReply {
  const headers: Record<string, string> = {};
  if (version !== undefined) headers['ETag'] = entityTagOf(version);
  // Relative to the request, so that it is right below any path that a host mounts this at.
  if (location !== undefined) headers['Location'] = location.map(encodeURIComponent).join('/');
  if (committed !== undefined) headers['Rolecall-Revision'] = encodeRevision(committed);
  if (answer.schema === undefined) return { status: answer.status, headers, body: null };
  if (answer.mediaType !== undefined) {
    headers['Content-Type'] = answer.mediaType;
    return { status: answer.status, headers, body: String(body) };
  }
  const { headers: type, body: text } = renderJson(body);
  return { status: answer.status, headers: { ...headers, ...type }, body: text };
}

/** An answer with the status 200 and a body. */
export function renderJson(body: unknown): RenderedReply {
  return { status: 200, headers: json, body: JSON.stringify(body) };
}

const json = { 'Content-Type': 'application/json' } as const;
