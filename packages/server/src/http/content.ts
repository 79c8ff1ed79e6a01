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

/** How much a body may hold that has no limit of its own. */
export const bodyBounds = { items: limits.resourceIds, values: limits.jsonValues } as const;

const noQuery = z.strictObject({});
const noBytes = new Uint8Array();

/** Reads the query and the body. Throws whatever is wrong with them, each place named. */
export async function readContent(endpoint: AnyEndpoint, request: Request): Promise<Content> {
  const query = readAs(endpoint.query ?? noQuery, readQuery(request.url), 'query');
  if (endpoint.body === undefined) return { query, body: undefined, bytes: noBytes };
  const limit = endpoint.bodyLimit ?? limits.bodyBytes;
  const { bytes, text } = await readBodyText(request, limit);
  const bounds =
    limit > limits.bodyBytes ? { ...bodyBounds, items: limits.importMembers } : bodyBounds;
  const value = parseJsonText(text, bounds);
  return { query, body: readAs(endpoint.body, value, 'body'), bytes };
}
