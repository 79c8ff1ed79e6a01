/** How commands speak: answers for people or as JSON, tables, steps and progress. */
export { createOutput, type Output, type Sink } from './output.ts';
export { createStyle, type Style } from './style.ts';
export { createSteps, type Steps } from './steps.ts';
export { createProgress, type Progress } from './progress.ts';
export { type Column, renderFacts, renderTable } from './table.ts';
export { count, duration, padEnd, printable, shortTime, widthOf } from './text.ts';
