import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { type AnyEndpoint, errorsOf } from './endpoint.ts';
import { allEndpoints } from './endpoints.ts';
import { type ErrorCode } from './error-codes.ts';
import { Problem } from './problem.ts';
import { problemKinds } from './problem-kinds.ts';

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

type RouteConfig = Parameters<typeof createRoute>[0];
type Responses = RouteConfig['responses'];

const introduction = `Rolecall keeps who may do what, in every organization of your product.

Every request carries \`Authorization: Bearer <api key>\`. A key has a scope: \`manage\` may do everything,
\`check\` may check, filter, explain and read the policy. A key may belong to one organization; then no
other exists for it.

In the samples \`$ROLECALL\` is where this service listens.

Errors are \`application/problem+json\` with a closed \`code\`; branch on that. Unknown fields are refused,
because a misspelt one would be a wish that nobody hears. A denial is an answer, not an error.

Writes answer with a \`Rolecall-Revision\`. Give it to a check as
\`"consistency": {"mode": "at_least", "revision": …}\` to be sure that the check has seen the write.`;

/** The document of every endpoint, generated from the schemas that validate its requests. */
export function buildOpenApiDocument(version: string): OpenApiDocument {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key.',
  });
  for (const endpoint of allEndpoints) app.openAPIRegistry.registerPath(routeOf(endpoint));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Rolecall',
      version,
      description: introduction,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(allEndpoints.map(({ tag }) => tag))].map((name) => ({ name })),
  });
}

function routeOf(endpoint: AnyEndpoint): RouteConfig {
  const { operationId, method, path, tag, summary, description, key } = endpoint;
  return createRoute({
    operationId,
    method,
    path,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: key === 'none' ? [] : [{ apiKey: [] }],
    ...(key !== 'none' && { 'x-rolecall-key': key }),
    request: requestOf(endpoint),
    responses: { ...answerOf(endpoint), ...problemsOf(endpoint) },
  });
}

function requestOf(endpoint: AnyEndpoint): NonNullable<RouteConfig['request']> {
  const { params, query, body } = endpoint;
  return {
    ...(params !== undefined && { params: params as z.ZodObject }),
    ...(query !== undefined && { query: query as z.ZodObject }),
    headers: z.object(requestHeaders(endpoint)),
    ...(body !== undefined && {
      body: { required: true, content: { 'application/json': { schema: body } } },
    }),
  };
}

const text = (description: string, example?: string): z.ZodOptional =>
  z
    .string()
    .optional()
    .openapi({ description, ...(example !== undefined && { example }) });

function requestHeaders(endpoint: AnyEndpoint): Record<string, z.ZodOptional> {
  return {
    'X-Request-ID': text(
      'Echoed, logged and kept in the audit event; made by Rolecall when absent.',
    ),
    ...(endpoint.onBehalf === true && {
      'Rolecall-Actor': text(
        `Does this for a user, who needs \`org:${endpoint.writes === true || endpoint.acts === true ? 'admin' : 'read'}\` in the organization.`,
        'user:alice',
      ),
    }),
    ...(endpoint.writes === true && {
      'Idempotency-Key': text(
        'Makes the request safe to repeat for 24 hours: the first success is answered again.',
      ),
    }),
    ...(endpoint.ifMatch === true && {
      'If-Match': text('Changes this version only, as the ETag named it.', '"3"'),
    }),
  };
}

function answerOf({ answer, writes }: AnyEndpoint): Responses {
  const { status, description, schema, mediaType = 'application/json' } = answer;
  const headers = {
    'X-Request-ID': { schema: { type: 'string' as const } },
    ...(writes === true && {
      'Rolecall-Revision': {
        description: 'A token for `consistency.revision`; absent when no organization changed.',
        schema: { type: 'string' as const },
      },
      'Idempotency-Replayed': {
        description: '`true` when this is the stored answer of an earlier request.',
        schema: { type: 'string' as const },
      },
    }),
    ...(answer.etag === true && {
      ETag: { description: 'The version, for `If-Match`.', schema: { type: 'string' as const } },
    }),
    ...(answer.location === true && {
      Location: { description: 'Where it is.', schema: { type: 'string' as const } },
    }),
  };
  const content = schema === undefined ? undefined : { [mediaType]: { schema } };
  return { [status]: { description, headers, ...(content !== undefined && { content }) } };
}

function problemsOf(endpoint: AnyEndpoint): Responses {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(endpoint)) {
    const { status } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content: { 'application/problem+json': { schema: Problem } },
      },
    ]),
  );
}
