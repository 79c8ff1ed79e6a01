import { z } from '@hono/zod-openapi';
import { ANY } from '@rolecall/policy';
import { limits } from './limits.ts';

const utf8 = new TextEncoder();

/** Whether a text takes at most so many bytes. A UTF-16 unit takes at most three, so few need counting. */
export function fitsBytes(text: string, bytes: number): boolean {
  return text.length * 3 <= bytes || utf8.encode(text).length <= bytes;
}

/** How many characters a reader would count as Unicode does: code points, not UTF-16 units. */
function charactersOf(text: string): number {
  let count = 0;
  for (const character of text) count += character.length > 0 ? 1 : 0;
  return count;
}

/** A form that a text must have, named so that the document shows it as JSON Schema writes patterns. */
function formed(schema: z.ZodString, form: RegExp, message: string): z.ZodString {
  return schema.regex(form, message).openapi({ pattern: form.source });
}

const identifierForm = /^[^\s\p{Cc}]+$/u;

/**
 * An id chosen by the host: up to 255 bytes without spaces or control characters, and not `*`, the wildcard,
 * which names nothing; within a longer id it is a letter like any other. `.` and `..` cannot be a step of a
 * path, however they are written.
 */
export function identifier(): z.ZodString {
  return resourceIdOrAny()
    .refine((id) => id !== ANY, 'must not be `*`, the wildcard, which names nothing')
    .refine((id) => id !== '.' && id !== '..', 'must not be `.` or `..`');
}

/** An id of the host's, or `*` for all of them. */
export function resourceIdOrAny(): z.ZodString {
  const text = z.string().min(1).max(limits.identifierBytes);
  return formed(text, identifierForm, 'must not contain spaces or control characters').refine(
    (id) => fitsBytes(id, limits.identifierBytes),
    'must be at most 255 bytes long',
  );
}

const uuidForm = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** The id of something that Rolecall made. Read in either case, kept in lower case. */
export function uuid(): z.ZodString {
  return formed(z.string(), uuidForm, 'must be a uuid')
    .overwrite((id) => id.toLowerCase())
    .openapi({ format: 'uuid' });
}

const lineForm = /^[^\p{Cc}]*$/u;

/** One line of text in any script, counted in characters; not only spaces. */
export function line(maxLength: number): z.ZodString {
  return formed(z.string(), lineForm, 'must not contain control characters')
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine((text) => charactersOf(text) <= maxLength, `must be at most ${maxLength} characters`)
    .openapi({ minLength: 1, maxLength });
}

/** The value of a dimension: short, on one line. */
export function dimensionValue(): z.ZodString {
  const text = z.string().min(1).max(limits.identifierBytes);
  return formed(text, lineForm, 'must not contain control characters');
}

/** Text of several lines in any script, counted in characters. */
export function paragraph(maxLength: number): z.ZodString {
  return z
    .string()
    .refine((text) => charactersOf(text) <= maxLength, `must be at most ${maxLength} characters`)
    .openapi({ maxLength });
}

const emailForm = /^[^\s\p{Cc}]+@[^\s\p{Cc}@]+$/u;

/** An e-mail address in any script. Whether it can be reached is for the mail to find out. */
export function email(): z.ZodString {
  return formed(z.string().max(320), emailForm, 'must be an e-mail address').openapi({
    format: 'email',
  });
}

/** An instant as it is written in every answer, in UTC with milliseconds. */
export function timestamp(): z.ZodString {
  return z.string().openapi({ format: 'date-time', example: '2026-01-31T09:30:00.000Z' });
}
