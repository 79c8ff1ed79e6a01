/** Comparing what sets of grants come to. Apart from the rest, because a page in a browser has no need of it. */
export { normalForm } from './normal-form.ts';
