import { allEndpoints, buildOpenApiDocument } from '@rolecall/contract';
import { expect, it } from 'vitest';
import { bounds, type Components, exampleOf, type Schema, typeName } from './schema.ts';

const document = buildOpenApiDocument('0.0.0');
const components = (document.components?.schemas ?? {}) as Components;

it.each(allEndpoints.filter(({ body }) => body !== undefined))(
  'the sample body of $operationId is one that the endpoint takes',
  ({ path, method, body }) => {
    const operation = document.paths?.[path]?.[method] as unknown as {
      requestBody: { content: { 'application/json': { schema: Schema } } };
    };
    const sample = exampleOf(operation.requestBody.content['application/json'].schema, components);
    expect(body?.safeParse(sample).error).toBeUndefined();
  },
);

it.each(allEndpoints.filter(({ answer }) => answer.mediaType === undefined && answer.schema))(
  'the sample answer of $operationId is one that it could give',
  ({ path, method, answer }) => {
    const operation = document.paths?.[path]?.[method] as unknown as {
      responses: Record<string, { content: { 'application/json': { schema: Schema } } }>;
    };
    const schema = operation.responses[String(answer.status)]?.content['application/json'].schema;
    expect(answer.schema?.safeParse(exampleOf(schema ?? {}, components)).error).toBeUndefined();
  },
);

it('says types and bounds in words', () => {
  const schema: Schema = { type: 'array', items: { type: ['string', 'null'] }, maxItems: 1_000 };
  expect(typeName(schema, {})).toBe('list of string or null');
  expect(bounds(schema)).toEqual(['at most 1,000 items']);
  expect(bounds({ type: 'integer', minimum: 1, maximum: 9, default: 5 })).toEqual([
    '1 to 9',
    'default 5',
  ]);
});
