import { z } from '@hono/zod-openapi';
import { errorCodes } from './error-codes.ts';
import { problemKinds, problemType } from './problem-kinds.ts';

/** The body of every error: RFC 9457, with a closed `code` to branch on. */
export const Problem = z
  .object({
    type: z
      .string()
      .openapi({ description: 'The code as a URI.', example: problemType('last_admin') }),
    title: z.string().openapi({ description: 'The same for every problem with this code.' }),
    status: z.number().int(),
    code: z.enum(errorCodes).openapi({ description: 'Branch on this, never on the texts.' }),
    detail: z.string().openapi({ description: 'What is wrong with this request.' }),
    request_id: z.string().openapi({ description: 'Finds this request in the log.' }),
    problems: z
      .array(
        z.object({
          path: z.string().openapi({ example: 'grants[2].selectors[0].resource_id' }),
          message: z.string(),
        }),
      )
      .optional()
      .openapi({ description: 'Each place in the request that is wrong.' }),
  })
  .openapi('Problem', {
    example: {
      type: problemType('invalid_request'),
      title: problemKinds.invalid_request.title,
      status: problemKinds.invalid_request.status,
      code: 'invalid_request',
      detail: '`grants[0].selectors[0].resource_id` is required',
      request_id: '5f0d6c1e-8d1b-4a3e-8f8e-6a0b9b1f7f10',
      problems: [{ path: 'grants[0].selectors[0].resource_id', message: 'is required' }],
    },
  });

export type Problem = z.output<typeof Problem>;
