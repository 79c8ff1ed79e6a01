import {
  type AnyEndpoint,
  errorsOf,
  limits,
  type OpenApiDocument,
  problemKinds,
} from '@rolecall/contract';
import { html, type Html, inline, prose } from './html.ts';
import { type Components, exampleOf, resolve, type Schema } from './schema.ts';
import { fieldsView, schemaView } from './schema-view.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Media;
  readonly responses: Readonly<
    Record<
      string,
      Media & { readonly headers?: Readonly<Record<string, { description?: string }>> }
    >
  >;
}

/** One endpoint: what it takes and answers on the left, how that looks on the right. */
export function operationView(endpoint: AnyEndpoint, document: OpenApiDocument): Html {
  const operation = operationOf(endpoint, document);
  const components = componentsOf(document);
  return html`<article id="${endpoint.operationId}">
    <div class="words">
      <h3><a href="#${endpoint.operationId}">${endpoint.summary}</a></h3>
      <p class="address">
        <span class="method ${endpoint.method}">${endpoint.method.toUpperCase()}</span>
        <code>${breakable(endpoint.path)}</code>
      </p>
      <p class="badges">
        ${badgesOf(endpoint).map((badge) => html`<span>${inline(badge)}</span>`)}
      </p>
      ${endpoint.description !== undefined && prose(endpoint.description)}
      ${parametersView(operation, components)} ${bodyView(operation, components)}
      ${answerView(endpoint, operation, components)} ${errorsView(endpoint)}
    </div>
    <div class="sample">${samplesView(endpoint, operation, components)}</div>
  </article>`;
}

function operationOf({ path, method }: AnyEndpoint, document: OpenApiDocument): Operation {
  const item = document.paths?.[path]?.[method];
  if (item === undefined) throw new Error(`the document has no ${method} ${path}`);
  return item as unknown as Operation;
}

function componentsOf(document: OpenApiDocument): Components {
  return document.components?.schemas ?? {};
}

/** A path may be broken after each slash. */
function breakable(path: string): readonly Html[] {
  return path
    .split(/(?<=\/)/)
    .map((part, index) => (index === 0 ? html`${part}` : html`<wbr />${part}`));
}

function badgesOf({ key, writes, onBehalf, ifMatch, bodyLimit }: AnyEndpoint): readonly string[] {
  const keys = { manage: 'key `manage`', check: 'key `check` or `manage`', none: 'no key' };
  const scope = writes === true ? 'org:admin' : 'org:read';
  return [
    keys[key],
    ...(onBehalf === true ? [`for a user with \`${scope}\``] : []),
    ...(writes === true ? ['`Idempotency-Key`'] : []),
    ...(ifMatch === true ? ['`If-Match`'] : []),
    ...(bodyLimit !== undefined ? [`body up to ${bodyLimit / limits.bodyBytes} MiB`] : []),
  ];
}

function parametersView({ parameters = [] }: Operation, components: Components): readonly Html[] {
  const kinds = [
    ['path', 'Path'],
    ['query', 'Query'],
  ] as const;
  return kinds.flatMap(([kind, title]) => {
    const fields = parameters
      .filter((parameter) => parameter.in === kind)
      .map((parameter) => ({ ...parameter, required: parameter.required ?? false }));
    if (fields.length === 0) return [];
    return [html`<h4>${title}</h4>`, fieldsView(fields, components, 1)];
  });
}

function jsonSchemaOf(media: Media | undefined): Schema | undefined {
  return media?.content?.['application/json']?.schema;
}

function bodyView({ requestBody }: Operation, components: Components): Html | false {
  const schema = jsonSchemaOf(requestBody);
  return (
    schema !== undefined &&
    html`<h4>Body</h4>
      ${schemaView(schema, components)}`
  );
}

function answerView(
  { answer }: AnyEndpoint,
  { responses }: Operation,
  components: Components,
): Html {
  const response = responses[String(answer.status)];
  const schema = jsonSchemaOf(response);
  const headers = Object.entries(response?.headers ?? {}).filter(([, h]) => h.description);
  return html`<h4>Answer <span class="status">${answer.status}</span></h4>
    <p>${inline(answer.description)}</p>
    ${
      headers.length > 0 &&
      html`<p class="bounds">
        ${headers.map(([name], index) => html`${index > 0 && ' · '}<code>${name}</code>`)}
      </p>`
    }
    ${
      schema !== undefined &&
      html`<details>
        <summary>fields</summary>
        ${schemaView(schema, components)}
      </details>`
    }`;
}

function errorsView(endpoint: AnyEndpoint): Html {
  const codes = errorsOf(endpoint).toSorted(
    (a, b) => problemKinds[a].status - problemKinds[b].status,
  );
  return html`<h4>Errors</h4>
    <p class="codes">
      ${codes.map(
        (code) =>
          html`<a href="#error-${code}"
            ><span class="status">${problemKinds[code].status}</span> ${code}</a
          > `,
      )}
    </p>`;
}

function samplesView(
  endpoint: AnyEndpoint,
  operation: Operation,
  components: Components,
): readonly Html[] {
  const body = jsonSchemaOf(operation.requestBody);
  const answer = jsonSchemaOf(operation.responses[String(endpoint.answer.status)]);
  const shown = body && exampleOf(resolve(body, components), components);
  return [
    html`<pre><code>${curl(endpoint, operation, shown)}</code></pre>`,
    ...(answer === undefined
      ? []
      : [html`<pre class="answer"><code>${pretty(exampleOf(answer, components))}</code></pre>`]),
  ];
}

function curl(endpoint: AnyEndpoint, { parameters = [] }: Operation, body: unknown): string {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const parameter = parameters.find((p) => p.in === 'path' && p.name === name);
    const example = parameter?.schema.example;
    return typeof example === 'string' ? example : name;
  });
  const lines = [
    `curl ${endpoint.method === 'get' ? '' : `-X ${endpoint.method.toUpperCase()} `}$ROLECALL${path}`,
  ];
  if (endpoint.key !== 'none') lines.push('-H "Authorization: Bearer $ROLECALL_API_KEY"');
  if (endpoint.ifMatch === true) lines.push(`-H 'If-Match: "3"'`);
  if (body !== undefined) {
    lines.push(
      '-H "Content-Type: application/json"',
      `-d '${pretty(body).replaceAll('\n', '\n  ')}'`,
    );
  }
  return lines.join(' \\\n  ');
}

function pretty(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // Short objects and lists read better on one line.
  return text.replaceAll(/[{[]\n\s+[^{}[\]]{0,90}?[}\]]/g, (block) => {
    const line = block.replaceAll(/\s*\n\s*/g, ' ');
    return line.length <= 72 ? line : block;
  });
}
