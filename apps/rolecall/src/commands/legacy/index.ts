/** What the commands of `rolecall legacy` do. */
export { backfill } from './backfill.ts';
export { importTable } from './import-table.ts';
export { settle } from './settle.ts';
export { showStatus } from './status.ts';
export { cutOver, purge, rollBack } from './steps.ts';
export { verify } from './verify.ts';
