import { randomLowerCase, type RandomSource, secureRandom } from '../identity/index.ts';

const PREFIX = 'org-';
const MAX_LENGTH = 48;
const SUFFIX_LENGTH = 6;
/** `-2` to `-9` are tried before a random suffix. */
const NUMBERED = [2, 3, 4, 5, 6, 7, 8, 9];
const RANDOM_TRIES = 4;

/**
 * The slugs that a role of this name may get, best first, all different: `org-` and the name in kebab
 * case, then with a number, then with a random suffix. A name that yields nothing gets a random one.
 */
export function slugCandidates(
  name: string,
  random: RandomSource = secureRandom,
): readonly string[] {
  const stem = kebab(name);
  const suffixes = Array.from({ length: RANDOM_TRIES }, () =>
    randomLowerCase(SUFFIX_LENGTH, random),
  );
  if (stem === '') return unique(suffixes.map((suffix) => PREFIX + suffix));
  const plain = cut(stem, '');
  return unique([plain, ...[...NUMBERED, ...suffixes].map((suffix) => cut(stem, `-${suffix}`))]);
}

/** The first candidate that is not taken, if there is one. */
export function chooseSlug(
  candidates: readonly string[],
  taken: ReadonlySet<string>,
): string | undefined {
  return candidates.find((candidate) => !taken.has(candidate));
}

/** Letters without their accents, digits, and `-` for everything between. */
function kebab(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function cut(stem: string, suffix: string): string {
  const room = MAX_LENGTH - PREFIX.length - suffix.length;
  return PREFIX + stem.slice(0, room).replace(/-$/, '') + suffix;
}

function unique(slugs: readonly string[]): readonly string[] {
  return [...new Set(slugs)];
}
