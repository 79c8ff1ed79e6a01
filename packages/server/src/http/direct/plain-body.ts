import { limits } from '@rolecall/contract';
import { type Check, type Dimensions } from '@rolecall/policy';
import { type CheckRequest, type FilterRequest } from '../../access/index.ts';

/*
 * The bodies of plain questions, read by hand: what the schemas of the contract would take a hundred times
 * as long to say of one check.
 *
 * INVARIANT (plain agrees with the contract): what is read here is what the schema reads, and whatever is
 * not plain (anything that the schema refuses, consistency other than `cached`, and texts near a limit whose
 * characters are pairs of surrogates, which the schema counts as one) is left to the schema.
 */

type Fields = Readonly<Record<string, unknown>>;

/** The body of a check, if it is a plain one. */
export function readPlainCheck(body: unknown): CheckRequest | undefined {
  if (!isObject(body)) return undefined;
  let require: 'all' | 'any' | undefined;
  let checks: readonly Check[] | undefined;
  let principal: string | undefined;
  for (const key in body) {
    const value = body[key];
    if (key === 'principal' && isText(value, 1, 300)) principal = value;
    else if (key === 'checks') checks = readChecks(value);
    else if (key === 'require' && (value === 'all' || value === 'any')) require = value;
    else if (key !== 'consistency' || !isCached(value)) return undefined;
  }
  if (principal === undefined || checks === undefined) return undefined;
  return require === undefined ? { principal, checks } : { principal, checks, require };
}

/** The body of a filter, if it is a plain one. */
export function readPlainFilter(body: unknown): FilterRequest | undefined {
  if (!isObject(body)) return undefined;
  for (const key in body) if (!isFieldOfFilter(key, body[key])) return undefined;
  const { principal, scope, resource_ids: resourceIds, dimensions } = body as PlainFilter;
  if (principal === undefined || scope === undefined || resourceIds === undefined) return undefined;
  const request = { principal, scope, resourceIds };
  return dimensions === undefined ? request : { ...request, dimensions };
}

/** What a body is of which every field is one of a filter. */
interface PlainFilter {
  readonly principal?: string;
  readonly scope?: string;
  readonly resource_ids?: readonly string[];
  readonly dimensions?: Dimensions;
}

function isFieldOfFilter(key: string, value: unknown): boolean {
  switch (key) {
    case 'principal':
      return isText(value, 1, 300);
    case 'scope':
      return isText(value, 1, 100);
    case 'resource_ids':
      return isResourceIds(value);
    case 'dimensions':
      return isDimensions(value);
    default:
      return key === 'consistency' && isCached(value);
  }
}

/** The checks themselves, which are passed on as they are. */
function readChecks(value: unknown): readonly Check[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > limits.checks) return undefined;
  const checks: readonly unknown[] = value;
  return checks.every(isCheck) ? checks : undefined;
}

function isCheck(check: unknown): check is Check {
  if (!isObject(check)) return false;
  let complete = 0;
  for (const key in check) {
    const value = check[key];
    if (key === 'scope' && isText(value, 1, 100)) complete += 1;
    else if (key === 'resource_id' && isText(value, 0, limits.identifierBytes)) complete += 1;
    else if (key !== 'dimensions' || !isDimensions(value)) return false;
  }
  return complete === 2;
}

function isDimensions(value: unknown): value is Dimensions {
  if (!isObject(value)) return false;
  for (const key in value) {
    if (key.length > 100 || key === '__proto__') return false;
    if (!isText(value[key], 0, limits.identifierBytes)) return false;
  }
  return true;
}

function isResourceIds(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > limits.resourceIds) return false;
  return (value as readonly unknown[]).every((id) => isText(id, 0, limits.identifierBytes));
}

function isCached(value: unknown): boolean {
  return isObject(value) && value['mode'] === 'cached' && Object.keys(value).length === 1;
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
