/** Pages of lists: what is asked for, what is answered, and the opaque cursor between two pages. */
export { decodeCursor, encodeCursor, type KeyKind } from './cursor.ts';
export {
  cappedTotal,
  COUNTED_TO,
  type Page,
  type PageRequest,
  readLimit,
  toPage,
  type Total,
} from './page.ts';
export {
  escapeLike,
  indexPattern,
  isWholeAddress,
  likePattern,
  normalizeSearch,
} from './search.ts';
