/** Making one table of many parts. Apart from the rest, because a page in a browser has no need of it. */
export { mergedBytes, mergeGrants } from './merge-grants.ts';
