import { z } from '@hono/zod-openapi';
import { limits } from './limits.ts';

const digits = /^[0-9]{1,9}$/;

/** The query of every list. */
export const pageQuery = {
  limit: z
    .string()
    .regex(digits, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(limits.pageSize))
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: limits.pageSize,
      default: limits.defaultPageSize,
      description: 'How many items a page has.',
    }),
  cursor: z
    .string()
    .min(1)
    .max(2_048)
    .optional()
    .openapi({ description: 'The `next_cursor` of the page before; opaque.' }),
};

/** What is typed into a search field: found as a substring from three characters, as a prefix below. */
export const search = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .openapi({ description: 'Substring from three characters, word prefix below; any script.' });

/** One page of a list. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
  readonly total: number;
  readonly total_is: 'exact' | 'at_least';
}

/** The schema of one page of a list, named after what it lists. */
export function pageOf<Item extends z.ZodType>(
  item: Item,
  name: string,
): z.ZodType<Page<z.output<Item>>> {
  return z
    .object({
      data: z.array(item),
      next_cursor: z
        .string()
        .nullable()
        .openapi({ description: 'Names the next page; null on the last one.' }),
      total: z.number().int().openapi({ description: 'How many items there are on all pages.' }),
      total_is: z
        .enum(['exact', 'at_least'])
        .openapi({ description: '`at_least` when a search finds more than is worth counting.' }),
    })
    .openapi(name);
}
