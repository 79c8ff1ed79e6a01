import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type AnySchemaObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/** One request and its answer, as they were on the wire. */
export interface ValidatedExchange {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
  /** The fault that made the answer; such answers are not compared with the document. */
  readonly fault?: string | null;
}

/** Compares traffic with the published OpenAPI document of WorkOS. */
export interface OpenApiValidator {
  /** What is wrong with an exchange, in words; nothing when it is as published. */
  readonly check: (exchange: ValidatedExchange) => readonly string[];
  /** What is wrong with one event, as a webhook or the stream carries it. */
  readonly checkEvent: (event: unknown) => readonly string[];
  /** Keeps the problems of an exchange; fits the simulator's option `observe`. */
  readonly observe: (exchange: ValidatedExchange) => void;
  /** All problems that were observed. */
  readonly problems: () => readonly string[];
  /** The operations that were observed, as `METHOD template status`. */
  readonly covered: () => readonly string[];
  /** A `fetch` whose API traffic is observed. */
  readonly wrap: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: AnySchemaObject;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: AnySchemaObject }>>;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Record<string, AnySchemaObject> };
}

interface Route {
  readonly template: string;
  readonly pattern: RegExp;
  readonly fixedSegments: number;
  readonly operations: Readonly<Record<string, Operation>>;
}

/** Statuses that any operation may have without the document saying so. */
const ALWAYS_POSSIBLE = new Set([401, 429, 500, 502, 503, 504]);

/** What the reference or the official client says and the document does not. */
const UNDOCUMENTED = new Set([
  'DELETE /organizations/{id} 404',
  'POST /user_management/invitations/{id}/revoke 404',
]);

/** Reads the document and makes a validator; schemas are compiled when first needed. */
export function createOpenApiValidator(): OpenApiValidator {
  const document = readDocument();
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  for (const format of ['uri', 'int32', 'int64', 'double', 'email', 'uuid']) {
    ajv.addFormat(format, true);
  }
  const compiled = new Map<string, ValidateFunction>();
  const compile = (key: string, schema: () => AnySchemaObject): ValidateFunction => {
    const found = compiled.get(key) ?? ajv.compile(schema());
    compiled.set(key, found);
    return found;
  };
  const routes = routesOf(document);
  const problems: string[] = [];
  const covered = new Set<string>();

  const checkEvent = (event: unknown): readonly string[] => {
    const type = String((event as { readonly event?: unknown }).event);
    const branch = eventBranch(document, type);
    if (!branch) return [`event \`${type}\` is not in the document`];
    return errorsOf(
      compile(`event ${type}`, () => sealed(document, branch)),
      event,
    ).map((error) => `event ${type} ${error}`);
  };

  const check = (exchange: ValidatedExchange): readonly string[] => {
    const url = new URL(exchange.url, 'http://simulator.invalid');
    const route = routes.find((candidate) => candidate.pattern.test(url.pathname));
    const operation = route?.operations[exchange.method.toLowerCase()];
    if (!route || !operation) return [`${exchange.method} ${url.pathname}: not in the document`];
    const name = `${exchange.method} ${route.template}`;
    covered.add(`${name} ${exchange.status}`);
    if (exchange.fault) return [];
    const context: Context = { document, compile, checkEvent, name, operation };
    return [
      // A request may be wrong as long as it is refused.
      ...(exchange.status < 400 ? checkRequest(context, exchange, url) : []),
      ...checkResponse(context, exchange),
    ].map((problem) => `${name} ${exchange.status}: ${problem}`);
  };
  const observe = (exchange: ValidatedExchange): void => {
    problems.push(...check(exchange));
  };
  return {
    check,
    checkEvent,
    observe,
    problems: () => problems,
    covered: () => [...covered].toSorted(),
    wrap: (fetch) => async (input, init) => {
      const request = new Request(input, init);
      const requestBody = await request.clone().text();
      const response = await fetch(request);
      const url = new URL(request.url);
      observe({
        method: request.method,
        url: `${url.pathname}${url.search}`,
        requestBody,
        status: response.status,
        responseBody: await response.clone().text(),
      });
      return response;
    },
  };
}

interface Context {
  readonly document: Document;
  readonly compile: (key: string, schema: () => AnySchemaObject) => ValidateFunction;
  readonly checkEvent: (event: unknown) => readonly string[];
  readonly name: string;
  readonly operation: Operation;
}

function checkRequest(context: Context, exchange: ValidatedExchange, url: URL): readonly string[] {
  const { operation, name, compile, document } = context;
  const problems: string[] = [];
  const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  for (const key of url.searchParams.keys()) {
    if (!declared.some((parameter) => parameter.name === key)) {
      problems.push(`query parameter \`${key}\` is not declared`);
    }
  }
  for (const parameter of declared) {
    const raw = url.searchParams.getAll(parameter.name);
    if (raw.length === 0) {
      if (parameter.required) problems.push(`query parameter \`${parameter.name}\` is missing`);
      continue;
    }
    const validate = compile(`${name} ? ${parameter.name}`, () =>
      resolved(document, parameter.schema),
    );
    const value = coerced(parameter.schema, raw);
    problems.push(...errorsOf(validate, value).map((error) => `?${parameter.name} ${error}`));
  }
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (schema) {
    const body: unknown = exchange.requestBody === '' ? {} : JSON.parse(exchange.requestBody);
    const validate = compile(`${name} body`, () => resolved(document, schema));
    problems.push(...errorsOf(validate, body).map((error) => `request ${error}`));
  }
  return problems;
}

function checkResponse(context: Context, exchange: ValidatedExchange): readonly string[] {
  const { operation, name, compile, document } = context;
  const response = operation.responses[String(exchange.status)];
  if (!response) {
    const known =
      ALWAYS_POSSIBLE.has(exchange.status) || UNDOCUMENTED.has(`${name} ${exchange.status}`);
    return known ? [] : ['this status is not declared'];
  }
  const schema = response.content?.['application/json']?.schema;
  if (!schema) return exchange.responseBody === '' ? [] : ['a body where none is declared'];
  const validate = compile(`${name} ${exchange.status}`, () =>
    exchange.status < 400 ? sealed(document, schema) : resolved(document, schema),
  );
  const body: unknown = JSON.parse(exchange.responseBody);
  const problems = errorsOf(validate, body).map((error) => `response ${error}`);
  if (name !== 'GET /events' || exchange.status !== 200) return problems;
  const { data } = body as { readonly data: readonly unknown[] };
  return [...problems, ...data.flatMap((event) => context.checkEvent(event))];
}

function errorsOf(validate: ValidateFunction, value: unknown): readonly string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, 5).map((error) => {
    const detail = JSON.stringify(error.params);
    return `${error.instancePath || '/'} ${error.message ?? error.keyword} ${detail}`;
  });
}

function coerced(schema: AnySchemaObject, raw: readonly string[]): unknown {
  const type: unknown = schema['type'];
  if (type === 'array') return raw.flatMap((value) => value.split(','));
  return type === 'integer' || type === 'number' ? Number(raw[0]) : raw[0];
}

/** The schema of one type of event, of the near hundred that the document has. */
function eventBranch(document: Document, type: string): AnySchemaObject | undefined {
  const schema = document.components.schemas['EventSchema'];
  const [, combination] = schema?.['allOf'] as [unknown, { readonly oneOf: EventBranch[] }];
  return combination.oneOf.find((branch) => branch.properties.event.const === type);
}

interface EventBranch {
  readonly properties: { readonly event: { readonly const: string } };
}

function readDocument(): Document {
  const file = fileURLToPath(import.meta.resolve('@workos/openapi-spec/spec'));
  const document = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 }) as Document;
  // The reference page and the official client show `roles`; the document only has it in events.
  const membership = document.components.schemas['UserlandUserOrganizationMembership'];
  addRoles(membership);
  // Events are checked one by one, by their type: the schema of all types together takes seconds.
  openEvents(document.components.schemas['EventList']);
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!path.startsWith('/user_management/organization_memberships')) continue;
    for (const operation of Object.values(operations)) {
      for (const response of Object.values(operation.responses)) {
        addRoles(response.content?.['application/json']?.schema);
      }
    }
  }
  return document;
}

function openEvents(schema: AnySchemaObject | undefined): void {
  const { data } = schema?.['properties'] as { data: { items: unknown } };
  data.items = { type: 'object' };
}

function addRoles(schema: AnySchemaObject | undefined): void {
  const properties = schema?.['properties'] as Record<string, unknown> | undefined;
  if (!properties || !('directory_managed' in properties)) return;
  properties['roles'] = { type: 'array', items: { $ref: '#/components/schemas/SlimRole' } };
}

function routesOf(document: Document): readonly Route[] {
  return Object.entries(document.paths)
    .map(([template, operations]) => ({
      template,
      operations,
      pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      fixedSegments: template.split('/').filter((segment) => !segment.startsWith('{')).length,
    }))
    .toSorted((left, right) => right.fixedSegments - left.fixedSegments);
}

/** The schema with all references followed. */
function resolved(document: Document, schema: unknown): AnySchemaObject {
  return follow(document, schema, []) as AnySchemaObject;
}

/** The schema with all references followed, and no property allowed that it does not name. */
function sealed(document: Document, schema: unknown): AnySchemaObject {
  return seal(resolved(document, schema), false) as AnySchemaObject;
}

function follow(document: Document, node: unknown, path: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item: unknown) => follow(document, item, path));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node && typeof node.$ref === 'string') {
    if (path.includes(node.$ref)) return {};
    const name = node.$ref.slice('#/components/schemas/'.length);
    return follow(document, document.components.schemas[name], [...path, node.$ref]);
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, follow(document, value, path)]),
  );
}

const COMBINATORS = ['allOf', 'anyOf', 'oneOf'] as const;

/** Closes every object; what is part of a combination is closed by the combination as a whole. */
function seal(node: unknown, partOfWhole: boolean): unknown {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return node;
  const sealedNode: Record<string, unknown> = { ...node };
  let isObject = false;
  const properties = sealedNode['properties'];
  if (typeof properties === 'object' && properties !== null) {
    isObject = true;
    sealedNode['properties'] = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, seal(value, false)]),
    );
  }
  if ('items' in sealedNode) sealedNode['items'] = seal(sealedNode['items'], false);
  for (const combinator of COMBINATORS) {
    const parts = sealedNode[combinator];
    if (!Array.isArray(parts)) continue;
    isObject = true;
    sealedNode[combinator] = parts.map((part) => seal(part, true));
  }
  if (isObject && !partOfWhole) sealedNode['unevaluatedProperties'] = false;
  return sealedNode;
}
