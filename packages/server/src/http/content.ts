import { type AnyEndpoint, limits } from '@rolecall/contract';
import { z } from 'zod';
import { parseJsonText } from './json-text.ts';
import { readQuery } from './query.ts';
import { readBodyText } from './read-body.ts';
import { readAs } from './validation.ts';

/** What a request asks, read by the schemas of its endpoint. */
export interface Content {
  readonly query: unknown;
  readonly body: unknown;
  /** The body as it came. */
  readonly bytes: Uint8Array;
}

const noQuery = z.strictObject({});
const noBytes = new Uint8Array();

/** Reads the query and the body. Throws whatever is wrong with them, each place named. */
export async function readContent(endpoint: AnyEndpoint, request: Request): Promise<Content> {
  const query = readAs(endpoint.query ?? noQuery, readQuery(request.url), 'query');
  if (endpoint.body === undefined) return { query, body: undefined, bytes: noBytes };
  const limit = endpoint.bodyLimit ?? limits.bodyBytes;
  const { bytes, text } = await readBodyText(request, limit);
  const items = limit > limits.bodyBytes ? limits.importMembers : limits.resourceIds;
  const value = parseJsonText(text, { items, values: limits.jsonValues });
  return { query, body: readAs(endpoint.body, value, 'body'), bytes };
}
