import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { allEndpoints } from './endpoints.ts';
import { buildOpenApiDocument } from './openapi.ts';

const document = buildOpenApiDocument('0.0.0-test');

it('is a valid OpenAPI 3.1 document', async () => {
  const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  const { valid, errors } = await new Validator().validate(copy);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

it('writes every pattern as JSON Schema does, without slashes and flags', () => {
  const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/g)];
  expect(patterns.length).toBeGreaterThan(0);
  for (const [, pattern = '""'] of patterns) {
    expect(pattern).not.toMatch(/\/[a-z]*"$/);
    expect(() => new RegExp(JSON.parse(pattern) as string, 'u')).not.toThrow();
  }
});

it('names every endpoint with its own operation id', () => {
  const ids = Object.values(document.paths ?? {}).flatMap((path) =>
    Object.values(path as Record<string, { operationId?: string }>).map((o) => o.operationId),
  );
  expect(ids.toSorted()).toEqual(allEndpoints.map((e) => e.operationId).toSorted());
});

it('says that unknown fields are refused', () => {
  expect(document.components?.schemas?.['NewRole']).toMatchObject({ additionalProperties: false });
});

it('documents every error as a problem', () => {
  const responses = document.paths?.['/v1/organizations/{org}/roles/{role_id}']?.patch?.responses;
  expect(Object.keys(responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '409',
    '412',
    '413',
    '415',
    '422',
    '500',
    '503',
  ]);
  const problem = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  expect(responses?.['412']).toEqual({ description: '`version_mismatch`', content: problem });
});
