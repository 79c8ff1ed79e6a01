import { type AnyEndpoint, buildOpenApiDocument } from '@rolecall/contract';
import fc from 'fast-check';
import { type Schema, valuesOf, type Vocabulary } from './from-schema.ts';
import { nastyText, rawBody } from './junk.ts';

const document = buildOpenApiDocument('0.0.0');
const components = (document.components?.schemas ?? {}) as Readonly<Record<string, Schema>>;

interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: Schema } };
  };
}

/** One request. */
export interface Shot {
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Uint8Array | undefined;
}

function pathSegment(name: string, vocabulary: Vocabulary): fc.Arbitrary<string> {
  const known = (vocabulary[name] ?? ['x']).map(encodeURIComponent);
  return fc.oneof(
    { arbitrary: fc.constantFrom(...known), weight: 8 },
    { arbitrary: nastyText.map((text) => encodeURIComponent(text.toWellFormed())), weight: 1 },
    {
      arbitrary: fc.constantFrom('%', '%zz', '%00', '%ff', '%2F', '%2e%2e', '%E0%A4%A', ';', '@'),
      weight: 1,
    },
  );
}

const headerText = fc.oneof(
  nastyText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')),
  fc.constantFrom(
    '"1"',
    '"2"',
    '*',
    'W/"1"',
    '"x"',
    '1',
    'user:nobody',
    'application/json',
    '0',
    '-5',
  ),
);

function headersOf(): fc.Arbitrary<readonly (readonly [string, string])[]> {
  const name = fc.constantFrom(
    'if-match',
    'idempotency-key',
    'rolecall-actor',
    'x-request-id',
    'content-type',
    'content-encoding',
    'content-length',
    'transfer-encoding',
    'authorization',
    'accept',
  );
  const some = fc.array(fc.tuple(name, headerText), { maxLength: 2 });
  return fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: some, weight: 1 });
}

function queryOf(operation: Operation, vocabulary: Vocabulary): fc.Arbitrary<string> {
  const names = (operation.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name);
  const name = fc.oneof(
    fc.constantFrom('limit', ...names),
    nastyText.map((text) => text.toWellFormed()),
  );
  const known = names.flatMap((one) => vocabulary[one] ?? []);
  const value = fc.oneof(fc.constantFrom('abc', 'active', ...known), nastyText);
  const pair = fc
    .tuple(name, value)
    .map(([key, text]) => `${encodeURIComponent(key)}=${encodeURIComponent(text.toWellFormed())}`);
  const some = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
  const broken = fc.constantFrom('?', '?&', '?=', '?%', '?a=%zz', '?limit', '?limit=%00');
  const rate = names.length > 0 ? 5 : 1;
  return fc.oneof(
    { arbitrary: fc.constant(''), weight: 4 },
    { arbitrary: some, weight: rate },
    { arbitrary: broken, weight: 1 },
  );
}

/** Requests at an endpoint, of which some fit and most almost do. */
export function shotsAt(endpoint: AnyEndpoint, vocabulary: Vocabulary): fc.Arbitrary<Shot> {
  const operation = document.paths?.[endpoint.path]?.[endpoint.method] as unknown as Operation;
  const segments = endpoint.path.split('/').map((step) => {
    const name = /^\{(\w+)\}$/.exec(step)?.[1];
    return name === undefined ? fc.constant(step) : pathSegment(name, vocabulary);
  });
  const schema = operation.requestBody?.content['application/json'].schema ?? {};
  const world = { components, vocabulary };
  const body = fc.oneof(
    { arbitrary: valuesOf(schema, world, 0).map((value) => JSON.stringify(value)), weight: 5 },
    { arbitrary: valuesOf(schema, world, 0.05).map((value) => JSON.stringify(value)), weight: 8 },
    { arbitrary: valuesOf(schema, world, 0.4).map((value) => JSON.stringify(value)), weight: 3 },
    { arbitrary: rawBody, weight: 3 },
  );
  return fc.record({
    path: fc
      .tuple(fc.tuple(...segments), queryOf(operation, vocabulary))
      .map(([steps, query]) => steps.join('/') + query),
    headers: headersOf(),
    body: endpoint.method === 'get' ? fc.constant(undefined) : body,
  });
}
