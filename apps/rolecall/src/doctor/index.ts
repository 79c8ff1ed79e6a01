/** Looks at an installation and says what is wrong with it, and what to do. */
export { checkData } from './data-checks.ts';
export { checkServer } from './database-checks.ts';
export { type Finding, fail, ok, warn } from './finding.ts';
export { checkDataDirectory, describePolicy } from './local-checks.ts';
export { checkMemory } from './memory-check.ts';
export { checkRunner } from './runner-check.ts';
export { checkSync } from './sync-checks.ts';
export { findInvalidGrants, type InvalidGrants } from './stored-grants.ts';
