import { CommanderError } from 'commander';
import { CliError } from '../cli-error.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { createOutput } from '../output/index.ts';
import type { World } from '../session/index.ts';
import { asCliError } from './as-cli-error.ts';
import { createProgram } from './program.ts';

/** Runs the command line on `args` (without the program's own name) and resolves to the exit code. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  let complaint = '';
  const program = createProgram(world, {
    finished: (outcome) => {
      exitCode = outcome ?? exitCodes.done;
    },
    complained: (text) => {
      complaint += text;
    },
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const failure =
      error instanceof CommanderError ? asUsageError(error, complaint) : asCliError(error);
    if (failure === undefined) return exitCodes.done;
    createOutput(world.stdout, world.stderr, args.includes('--json')).failure(failure);
    return failure.exitCode;
  }
}

/** What commander throws; after help and version, which were asked for, there is no error. */
function asUsageError(error: CommanderError, complaint: string): CliError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') {
    // A group was called without one of its commands, and complains with its help.
    const message = 'which command of this group?';
    return new CliError(exitCodes.usage, 'usage', message, { advice: complaint.trim() });
  }
  return new CliError(exitCodes.usage, 'usage', error.message.replace(/^error: /, ''), {
    advice: 'see `npx rolecall --help`',
  });
}
