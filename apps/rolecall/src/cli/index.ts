/** The command line: what there is to call, and how a command ends. */
export { createProgram } from './program.ts';
export { runCli } from './run-cli.ts';
