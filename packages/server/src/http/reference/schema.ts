/** As much of JSON Schema as the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type Components = Readonly<Record<string, Schema>>;

/** The schema that a reference names, with what stands beside the reference. */
export function resolve(schema: Schema, components: Components): Schema {
  const { $ref, ...beside } = schema;
  if ($ref === undefined) return schema;
  return { ...components[$ref.split('/').at(-1) ?? ''], ...beside };
}

/** The type in words: `string`, `list of object`, `integer or null`. */
export function typeName(schema: Schema, components: Components): string {
  const { type, items, oneOf, additionalProperties, properties } = resolve(schema, components);
  if (oneOf !== undefined) return 'one of';
  if (type === undefined) return 'any';
  const names = typeof type === 'string' ? [type] : type;
  return names
    .map((name) => {
      if (name === 'array') return `list of ${items ? typeName(items, components) : 'any'}`;
      if (name !== 'object' || properties !== undefined) return name;
      return typeof additionalProperties === 'object' ? 'map to string' : name;
    })
    .join(' or ');
}

/** What a value must keep to, in words. */
export function bounds(schema: Schema): readonly string[] {
  const { minLength = 0, maxLength, minItems = 0, maxItems, minimum, maximum } = schema;
  return [
    ...(schema.format !== undefined ? [schema.format] : []),
    ...span(minLength, maxLength, 'characters'),
    ...span(minItems, maxItems, 'items'),
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(schema.default !== undefined ? [`default ${JSON.stringify(schema.default)}`] : []),
  ];
}

function span(least: number, most: number | undefined, unit: string): readonly string[] {
  if (most === undefined) return least > 0 ? [`at least ${least} ${unit}`] : [];
  const shown = most.toLocaleString('en-US');
  return [least > 0 ? `${least} to ${shown} ${unit}` : `at most ${shown} ${unit}`];
}

/** A value that a schema takes: its example, or one made of the examples of its parts. */
export function exampleOf(schema: Schema, components: Components): unknown {
  const { example, type, items, properties, oneOf, ...rest } = resolve(schema, components);
  if (example !== undefined) return example;
  if (oneOf?.[0] !== undefined) return exampleOf(oneOf[0], components);
  if (properties !== undefined) {
    const fields = Object.entries(properties);
    return Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(field, components)]));
  }
  if (type === 'array') return items === undefined ? [] : [exampleOf(items, components)];
  return simpleExample({ ...rest, ...(type !== undefined && { type }) });
}

function simpleExample({ type, enum: values, default: preset }: Schema): unknown {
  if (values?.[0] !== undefined) return values[0];
  if (preset !== undefined) return preset;
  if (Array.isArray(type)) return null;
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  return type === 'object' ? {} : 'text';
}
