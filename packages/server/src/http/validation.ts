import { limits } from '@rolecall/contract';
import { type z } from 'zod';
import { type Problem, refusal, type RolecallError } from '../errors/index.ts';

type Issue = z.core.$ZodIssue;

/** Where a value stood in the request; the path of a problem that concerns it as a whole. */
export type Place = 'body' | 'query' | 'path';

/** The value as its schema reads it. Throws `invalid_request`, or `limit_exceeded` for a list that is too long. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: Place,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refuseIssues(result.error.issues, value, place);
}

function refuseIssues(issues: readonly Issue[], value: unknown, place: Place): RolecallError {
  const problems = issues
    .flatMap((issue) => problemsOf(issue, value, place))
    .slice(0, limits.problems);
  const isLimit = issues.some((issue) => issue.code === 'too_big' && issue.origin === 'array');
  const [first = { path: place, message: 'is not valid' }] = problems;
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return refusal(
    isLimit ? 'limit_exceeded' : 'invalid_request',
    `\`${first.path}\` ${first.message}${others}`,
    { problems },
  );
}

function problemsOf(issue: Issue, value: unknown, place: Place): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key], place),
      message: 'is not a known field',
    }));
  }
  return [{ path: pathText(issue.path, place), message: messageOf(issue, value) }];
}

/** A path as a reader writes it: `grants[2].selectors[0].resource_id`. */
function pathText(path: readonly PropertyKey[], place: Place): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('');
  return text === '' ? place : text.replace(/^\./, '');
}

function messageOf(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return isAbsent(value, issue.path) ? 'is required' : `must be ${nameOfType(issue.expected)}`;
    case 'too_big':
      return sizeMessage(`at most ${issue.maximum}`, issue.origin);
    case 'too_small':
      return sizeMessage(`at least ${issue.minimum}`, issue.origin);
    case 'invalid_value':
      return isAbsent(value, issue.path)
        ? 'is required'
        : `must be ${issue.values.map((option) => `\`${String(option)}\``).join(' or ')}`;
    case 'invalid_union':
      return isAbsent(value, issue.path) ? 'is required' : 'is none of the known alternatives';
    case 'invalid_key':
      return 'has a key that is not valid';
    case 'invalid_format':
    case 'custom':
      return issue.message;
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return 'is not valid';
  }
}

function sizeMessage(bound: string, origin: string): string {
  if (origin === 'string') return `must have ${bound} characters`;
  return origin === 'array' ? `must have ${bound} items` : `must be ${bound}`;
}

function nameOfType(expected: string): string {
  if (expected === 'record') return 'an object';
  if (expected === 'int') return 'a whole number';
  return `${/^[aeio]/.test(expected) ? 'an' : 'a'} ${expected}`;
}

function isAbsent(value: unknown, path: readonly PropertyKey[]): boolean {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return true;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at === undefined;
}
