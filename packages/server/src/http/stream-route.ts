import { type Endpoint } from '@rolecall/contract';
import { type z } from 'zod';
import { admit } from './admission.ts';
import { readContent } from './content.ts';
import { type Call, callOf, type Route } from './route.ts';

type Out<Schema extends z.ZodType> = z.output<Schema>;

/**
 * A route that changes nothing and whose answer is sent piece by piece: a piece is made only when the one before
 * it was taken, so a slow reader holds nothing but itself. What the handler throws before the first piece is a
 * problem like any other; what breaks later ends the connection, so nobody takes a part for the whole.
 */
export function streamRoute<
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
>(
  endpoint: Endpoint<P, Q, B, R>,
  handler: (call: Call<Out<P>, Out<Q>, Out<B>>) => Promise<AsyncIterable<string>>,
): Route {
  return {
    endpoint,
    answer: async (exchange) => {
      const admission = await admit(endpoint, exchange);
      const content = await readContent(endpoint, exchange.request);
      const pieces = await handler(callOf<P, Q, B>(exchange, admission, content));
      const { status, mediaType = 'application/octet-stream' } = endpoint.answer;
      return { status, headers: { 'Content-Type': mediaType }, body: streamOf(pieces) };
    },
  };
}

function streamOf(pieces: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      cancel: async () => {
        await iterator.return?.();
      },
    },
    // Nothing is read ahead of whoever reads.
    { highWaterMark: 0 },
  );
}
