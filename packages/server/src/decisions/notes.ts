import { type Dimensions } from '@rolecall/policy';
import { type RecordedHandle } from '../access/index.ts';

/** An answer that was given, not yet looked at. */
export interface Note {
  readonly handle: RecordedHandle;
  readonly scope: string;
  readonly resourceId: string;
  readonly dimensions: Dimensions | undefined;
  /** Milliseconds since 1970, to the grain of the clock that was set last. */
  readonly at: number;
}

interface Chunk {
  readonly handles: (RecordedHandle | undefined)[];
  readonly scopes: string[];
  readonly resourceIds: string[];
  readonly dimensions: (Dimensions | undefined)[];
  readonly times: Float64Array;
}

const CHUNK = 4_096;

/**
 * Notes in the order in which they were made, at most `capacity` of them. Adding one is a few stores: nothing is
 * built and nothing is looked up, because it happens in the middle of a check. Memory is taken in chunks as it is
 * needed, and given back.
 */
export class Notes {
  /** The time that new notes carry; set by whoever keeps the clock. */
  now: number;
  readonly #capacity: number;
  readonly #chunks: Chunk[] = [];
  #first = 0;
  #size = 0;

  constructor(capacity: number, now: number) {
    this.#capacity = capacity;
    this.now = now;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a note; false when there is no room for it. */
  add(
    handle: RecordedHandle,
    scope: string,
    resourceId: string,
    dimensions: Dimensions | undefined,
  ): boolean {
    if (this.#size >= this.#capacity) return false;
    const place = this.#first + this.#size;
    const offset = place % CHUNK;
    let chunk = this.#chunks[(place - offset) / CHUNK];
    if (chunk === undefined) this.#chunks.push((chunk = makeChunk()));
    chunk.handles[offset] = handle;
    chunk.scopes[offset] = scope;
    chunk.resourceIds[offset] = resourceId;
    // The caller's object may change after the answer.
    chunk.dimensions[offset] = dimensions === undefined ? undefined : { ...dimensions };
    chunk.times[offset] = this.now;
    this.#size += 1;
    return true;
  }

  /** The oldest notes, at most so many. They stay. */
  peek(count: number): readonly Note[] {
    const notes: Note[] = [];
    for (let index = 0; index < Math.min(count, this.#size); index += 1) {
      const place = this.#first + index;
      const chunk = this.#chunks[Math.floor(place / CHUNK)];
      const handle = chunk?.handles[place % CHUNK];
      if (chunk === undefined || handle === undefined) break;
      const offset = place % CHUNK;
      notes.push({
        handle,
        scope: chunk.scopes[offset] ?? '',
        resourceId: chunk.resourceIds[offset] ?? '',
        dimensions: chunk.dimensions[offset],
        at: chunk.times[offset] ?? 0,
      });
    }
    return notes;
  }

  /** Lets go of the oldest notes. */
  drop(count: number): void {
    const dropped = Math.min(count, this.#size);
    this.#first += dropped;
    this.#size -= dropped;
    while (this.#first >= CHUNK) {
      this.#chunks.shift();
      this.#first -= CHUNK;
    }
  }
}

function makeChunk(): Chunk {
  return {
    handles: [],
    scopes: [],
    resourceIds: [],
    dimensions: [],
    times: new Float64Array(CHUNK),
  };
}
