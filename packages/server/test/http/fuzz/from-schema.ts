import fc from 'fast-check';
import { nastyText, nastyValue } from './junk.ts';

// Made once: fast-check takes a millisecond and more to make one of these, and a schema has many fields.
const SHORT_TEXT = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const UUID = fc.uuid();
const EMAIL = fc.emailAddress();
/** Where an integer of the database, or of JavaScript, ends. */
const EDGES = fc.constantFrom(2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 2 ** 53, 1e21);

/** As much of JSON Schema as the OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What a field of this name holds when it means something here. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

interface World {
  readonly components: Readonly<Record<string, Schema>>;
  readonly vocabulary: Vocabulary;
}

/** Values that a schema takes, or almost: the more often wrong, the higher `chaos` (0 to 1). */
export function valuesOf(
  schema: Schema,
  world: World,
  chaos: number,
  name = '',
): fc.Arbitrary<unknown> {
  const wrong = Math.round(chaos * 100);
  return fc.oneof(
    { arbitrary: fittingValues(schema, world, chaos, name), weight: 100 - wrong },
    { arbitrary: nastyValue, weight: wrong },
  );
}

function fittingValues(
  schema: Schema,
  world: World,
  chaos: number,
  name: string,
): fc.Arbitrary<unknown> {
  const resolved = resolve(schema, world);
  if (resolved.enum !== undefined) return fc.constantFrom(...resolved.enum);
  if (resolved.oneOf !== undefined) {
    return fc.oneof(...resolved.oneOf.map((one) => fittingValues(one, world, chaos, name)));
  }
  const types = [resolved.type ?? 'object'].flat();
  return fc.oneof(...types.map((type) => ofType(type, resolved, world, chaos, name)));
}

function ofType(
  type: string,
  schema: Schema,
  world: World,
  chaos: number,
  name: string,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objects(schema, world, chaos);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, world, chaos, name), {
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case 'integer':
      return fc.oneof(
        {
          arbitrary: fc.integer({
            min: (schema.minimum ?? 0) - 2,
            max: (schema.maximum ?? 100) + 2,
          }),
          weight: 8,
        },
        { arbitrary: EDGES, weight: 1 },
      );
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return texts(schema, world, name);
  }
}

function texts(schema: Schema, { vocabulary }: World, name: string): fc.Arbitrary<string> {
  const known = vocabulary[name];
  return fc.oneof(
    ...(known === undefined ? [] : [{ arbitrary: fc.constantFrom(...known), weight: 30 }]),
    ...(schema.format === 'uuid' ? [{ arbitrary: UUID, weight: 2 }] : []),
    ...(schema.format === 'email' ? [{ arbitrary: EMAIL, weight: 3 }] : []),
    { arbitrary: SHORT_TEXT, weight: 2 },
    { arbitrary: nastyText, weight: 1 },
  );
}

function objects(schema: Schema, world: World, chaos: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, valuesOf(field, world, chaos, name)]),
  );
  const base = fc.record(fields, {
    requiredKeys: fc.sample(fc.constant(required), 1)[0] as never,
  }) as fc.Arbitrary<Record<string, unknown>>;
  const extraValue =
    typeof additionalProperties === 'object'
      ? valuesOf(additionalProperties, world, chaos, 'dimension')
      : nastyValue;
  const extras = fc.dictionary(
    fc.oneof(nastyText, fc.constantFrom('tool', 'project_id', 'disposition')),
    extraValue,
    { maxKeys: 2 },
  );
  const rate = typeof additionalProperties === 'object' ? 30 : Math.round(chaos * 30);
  return fc.oneof(
    { arbitrary: base, weight: 100 - rate },
    { arbitrary: fc.tuple(base, extras).map(([a, b]) => ({ ...a, ...b })), weight: rate },
  );
}

function resolve(schema: Schema, { components }: World): Schema {
  return schema.$ref === undefined
    ? schema
    : (components[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}
