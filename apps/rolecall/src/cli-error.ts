import type { ExitCode } from './exit-codes.ts';

/** What a command error says beyond its sentence. */
export interface CliErrorContext {
  /** What the person can do about it, as a sentence of its own. */
  readonly advice?: string | undefined;
  /** Everything that is wrong, each thing with its place. */
  readonly problems?: readonly CliProblem[] | undefined;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** One thing that is wrong, at one place of what was given. */
export interface CliProblem {
  readonly path: string;
  readonly message: string;
}

/** Why a command ends without having done what was asked; `code` is for scripts, like the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly advice: string | undefined;
  readonly problems: readonly CliProblem[];
  readonly requestId: string | undefined;

  constructor(exitCode: ExitCode, code: string, message: string, context: CliErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.exitCode = exitCode;
    this.code = code;
    this.advice = context.advice;
    this.problems = context.problems ?? [];
    this.requestId = context.requestId;
  }
}
