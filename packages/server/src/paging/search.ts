/** A search of so few characters finds the beginnings of words; a longer one finds substrings. */
const TOO_SHORT_FOR_SUBSTRINGS = /^.{0,2}$/su;

/** What was typed, composed and without outer spaces; undefined when nothing is left. */
export function normalizeSearch(search: string | undefined): string | undefined {
  const text = search?.normalize('NFC').trim().replaceAll('\0', '');
  return text === '' ? undefined : text;
}

/**
 * The LIKE pattern for a search in a text that has each of its words after a space: a substring from three
 * characters, the beginning of a word below. The database makes it lower case, with the rules of the
 * text it is compared with.
 */
export function likePattern(search: string): string {
  const prefix = TOO_SHORT_FOR_SUBSTRINGS.test(search) ? ' ' : '';
  return `%${prefix}${escapeLike(search)}%`;
}

/**
 * A pattern that everything which `likePattern` finds matches too, and that costs a trigram index less: of an
 * e-mail address it leaves out the domain. All members of a company share that, so it tells nobody apart, and
 * the index would read the long list of each of its trigrams to the end.
 */
export function indexPattern(search: string): string {
  const local = /^[^@]{3,}@/u.exec(search)?.[0];
  return likePattern(local ?? search);
}

/** Whether a search is an e-mail address from end to end. */
export function isWholeAddress(search: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(search);
}

/** A text that LIKE takes literally. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
