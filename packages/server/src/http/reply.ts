import { type AnyEndpoint } from '@rolecall/contract';
import { encodeRevision, readEpoch } from '../access/index.ts';
import { type Tx } from '../database/index.ts';
import { entityTagOf } from './if-match.ts';

/** What a route answers, before it is put on the wire. */
export interface Reply<Result> {
  readonly body?: Result;
  /** The version, for the ETag. */
  readonly version?: number;
  /** The last two steps of the path of what was made. */
  readonly location?: readonly string[];
  /** What the write raised, for `Rolecall-Revision`. */
  readonly committed?: { readonly organizationId: string; readonly revision: number };
}

/** An answer as it goes over the wire, and as it is kept under an Idempotency-Key. */
export interface RenderedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for an answer without a body. */
  readonly body: string | null;
}

/** Puts an answer into the form that goes over the wire. A write passes its transaction, for the epoch. */
export async function renderReply(
  { answer }: AnyEndpoint,
  { body, version, location, committed }: Reply<unknown>,
  tx?: Tx,
): Promise<RenderedReply> {
  const headers: Record<string, string> = {};
  if (version !== undefined) headers['ETag'] = entityTagOf(version);
  // Relative to the request, so that it is right below any path that a host mounts this at.
  if (location !== undefined) headers['Location'] = location.map(encodeURIComponent).join('/');
  if (committed !== undefined && tx !== undefined) {
    headers['Rolecall-Revision'] = encodeRevision({ ...committed, epoch: await readEpoch(tx) });
  }
  if (answer.schema === undefined) return { status: answer.status, headers, body: null };
  if (answer.mediaType !== undefined) {
    headers['Content-Type'] = answer.mediaType;
    return { status: answer.status, headers, body: String(body) };
  }
  headers['Content-Type'] = 'application/json';
  return { status: answer.status, headers, body: JSON.stringify(body) };
}
