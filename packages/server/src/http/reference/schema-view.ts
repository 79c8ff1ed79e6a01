import { html, type Html, inline } from './html.ts';
import { bounds, type Components, resolve, type Schema, typeName } from './schema.ts';

/** One line of a table of fields or parameters. */
interface Field {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  /** What stands beside the name of a parameter. */
  readonly description?: string;
}

/** The fields of a schema, those of its objects folded under them. */
export function schemaView(schema: Schema, components: Components): Html {
  return html`${partsOf(resolve(schema, components), components, 0)}`;
}

/** A list of fields. */
export function fieldsView(fields: readonly Field[], components: Components, depth: number): Html {
  return html`<dl class="fields">
    ${fields.map((field) => fieldView(field, components, depth))}
  </dl>`;
}

function fieldView(field: Field, components: Components, depth: number): Html {
  const schema = resolve(field.schema, components);
  const description = field.description ?? schema.description;
  const element = elementOf(schema, components);
  return html`<dt>
      <code class="name">${field.name}</code>
      <span class="type">${typeName(schema, components)}</span>
      ${field.required ? html`<span class="required">required</span>` : ''}
    </dt>
    <dd>
      ${description !== undefined && html`<p>${inline(description)}</p>`} ${valuesView(schema)}
      ${boundsView(schema)} ${hasParts(element) && folded(element, components, depth)}
    </dd>`;
}

function valuesView({ enum: values }: Schema): Html | false {
  if (values === undefined || values.length > 12) return false;
  return html`<p class="values">${values.map((value) => html`<code>${String(value)}</code> `)}</p>`;
}

function boundsView(schema: Schema): Html | false {
  const words = bounds(schema);
  return words.length > 0 && html`<p class="bounds">${words.join(' · ')}</p>`;
}

/** What a list contains, however deep the lists; the schema itself when it is no list. */
function elementOf(schema: Schema, components: Components): Schema {
  const { type, items } = schema;
  return type === 'array' && items !== undefined
    ? elementOf(resolve(items, components), components)
    : schema;
}

function hasParts({ properties, oneOf }: Schema): boolean {
  return properties !== undefined || oneOf !== undefined;
}

function folded(schema: Schema, components: Components, depth: number): Html {
  const parts = partsOf(schema, components, depth + 1);
  return html`<details ${depth === 0 ? 'open' : ''}>
    <summary>${schema.oneOf === undefined ? 'fields' : 'alternatives'}</summary>
    ${parts}
  </details>`;
}

function partsOf(schema: Schema, components: Components, depth: number): Html | readonly Html[] {
  const { properties, required = [], oneOf, type } = schema;
  if (oneOf !== undefined) {
    return oneOf.map((one) => partsOf(resolve(one, components), components, depth)) as Html[];
  }
  if (properties === undefined) {
    return type === 'array' ? partsOf(elementOf(schema, components), components, depth) : [];
  }
  const fields = Object.entries(properties).map(([name, field]) => ({
    name,
    schema: field,
    required: required.includes(name),
  }));
  return fieldsView(fields, components, depth);
}
