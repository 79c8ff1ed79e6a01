import type { Context } from 'hono';
import { z } from 'zod';
import { invalidParameters } from '../state/index.ts';

/** A string of at most `max` characters; a character of any script counts once. */
export function text(max: number): z.ZodString {
  return z.string().refine((value) => Array.from(value).length <= max, {
    message: `should not be longer than ${max} characters`,
  });
}

/** A string with at least one visible character and at most `max`. */
export function requiredText(max = Number.MAX_SAFE_INTEGER): z.ZodString {
  return text(max).refine((value) => value.trim() !== '', { message: 'should not be empty' });
}

/** Metadata as create and update take it. */
export const metadataInput = z.record(z.string(), z.string().nullable()).nullable().optional();

/** An address, loosely: what is before and after one @. */
export const emailInput = z.string().regex(/^[^\s@]+@[^\s@]+$/, 'must be an email');

/**
 * The body of a request; an absent one is an empty object.
 * @throws Refusal 422 when it is no JSON or not of this shape
 */
export async function readBody<T>(context: Context, schema: z.ZodType<T>): Promise<T> {
  const raw = await context.req.text();
  return parse(schema, raw === '' ? {} : parseJson(raw));
}

/**
 * The query of a request. A list may be written with commas or by repeating its name.
 * @throws Refusal 422 when it is not of this shape
 */
export function readQuery<T>(context: Context, schema: z.ZodType<T>): T {
  const query = Object.entries(context.req.queries()).map(([name, values]) => [
    name,
    values.join(','),
  ]);
  return parse(schema, Object.fromEntries(query));
}

/** A comma-separated list in a query. */
export const commaList = z
  .string()
  .transform((value) => value.split(',').filter((item) => item !== ''));

/** The value of a path parameter. */
export function pathParameter(context: Context, name: string): string {
  return context.req.param(name) ?? '';
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidParameters(
    parsed.error.issues.map((issue) => ({
      code: issue.code,
      field: issue.path.join('.'),
      message: issue.message,
    })),
  );
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw invalidParameters([{ code: 'invalid_json', field: '', message: 'body is not JSON' }]);
  }
}
