import { type z } from '@hono/zod-openapi';
import { type ErrorCode } from './error-codes.ts';

/** Which API keys may call: only `manage` keys, `check` keys too, or anybody. */
export type KeyScope = 'manage' | 'check' | 'none';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Under which heading the reference shows an endpoint. */
export type Tag =
  | 'Checks'
  | 'Organizations'
  | 'Roles'
  | 'Members'
  | 'Grants'
  | 'Enforcement'
  | 'Decisions'
  | 'Import'
  | 'Audit'
  | 'API keys'
  | 'Sync'
  | 'Operations';

/** What an endpoint answers when all is well. */
export interface Answer<Result extends z.ZodType> {
  readonly status: 200 | 201 | 204;
  readonly description: string;
  readonly schema?: Result;
  /** `application/json` when absent. */
  readonly mediaType?: string;
  /** The answer carries the version as an ETag. */
  readonly etag?: boolean;
  /** The answer names the new resource. */
  readonly location?: boolean;
}

/**
 * One method of one path: everything that validates its requests, documents it and types its handler.
 *
 * `writes` says that it changes something: it takes an Idempotency-Key, and needs `org:admin` from the
 * user it is done for. `onBehalf` says that it can be done for a user at all.
 */
export interface Endpoint<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Result extends z.ZodType,
> {
  readonly operationId: string;
  readonly method: Method;
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly key: KeyScope;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Bytes of the body that are read; the general limit when absent. */
  readonly bodyLimit?: number;
  readonly writes?: boolean;
  /**
   * It changes something, in more than one transaction or in WorkOS, and is safe to repeat: it takes no
   * Idempotency-Key, and needs `org:admin` from the user it is done for.
   */
  readonly acts?: boolean;
  readonly onBehalf?: boolean;
  /** Takes If-Match. */
  readonly ifMatch?: boolean;
  readonly answer: Answer<Result>;
  /** The codes of its own; what every endpoint of its sort can answer is added by `errorsOf`. */
  readonly errors?: readonly ErrorCode[];
}

export type AnyEndpoint = Endpoint<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

/** Keeps the types of the schemas, so that a handler is checked against them. */
export function defineEndpoint<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Result extends z.ZodType = z.ZodUndefined,
>(endpoint: Endpoint<Params, Query, Body, Result>): Endpoint<Params, Query, Body, Result> {
  return endpoint;
}

/** Every code that an endpoint can answer with. */
export function errorsOf(endpoint: AnyEndpoint): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(['invalid_request', 'internal', 'shutting_down']);
  const add = (...more: ErrorCode[]): void => {
    for (const code of more) codes.add(code);
  };
  if (endpoint.key !== 'none') add('unauthenticated', 'forbidden', 'database_unavailable');
  if (endpoint.path.includes('{org}')) add('organization_not_found');
  if (endpoint.body !== undefined) {
    add('invalid_json', 'unsupported_media_type', 'body_too_large', 'limit_exceeded');
  }
  if (endpoint.writes === true) add('idempotency_key_reused', 'idempotency_in_progress');
  if (endpoint.ifMatch === true) add('version_mismatch');
  add(...(endpoint.errors ?? []));
  return [...codes];
}
