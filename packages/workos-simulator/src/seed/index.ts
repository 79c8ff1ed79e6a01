/** What a new environment can begin with. */
export { seedDemo } from './demo.ts';
