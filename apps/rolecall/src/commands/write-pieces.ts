import { once } from 'node:events';
import type { Sink } from '../output/index.ts';

/** Writes pieces one after the other, each when the one before it was taken. */
export async function writePieces(sink: Sink, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    const taken = sink.write(piece);
    if (taken === false && 'once' in sink)
      await once(sink as unknown as NodeJS.EventEmitter, 'drain');
  }
}
