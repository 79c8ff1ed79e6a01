import { CliError } from '../cli-error.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** What our packages throw: an error with a closed code, and perhaps advice. */
interface CodedError extends Error {
  readonly code: string;
  readonly advice?: string | undefined;
  readonly details?: unknown;
}

/**
 * The error that a person is shown for whatever was thrown. The packages are told apart by name, so that
 * a command which needs none of them does not load them for the sake of their error classes.
 */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (!isCoded(error)) return asDefect(error);
  switch (error.name) {
    case 'LocalPostgresError':
      return new CliError(localPostgresExit(error.code), error.code, error.message, {
        advice: joinLines(error.advice, outputOf(error.details)),
        cause: error,
      });
    case 'MigrationError':
      return new CliError(exitCodes.notMigrated, error.code, error.message, {
        advice: error.advice,
        cause: error,
      });
    case 'RolecallError':
      return asOutageOrRefusal(error);
    default:
      return asDefect(error);
  }
}

function localPostgresExit(code: string): ExitCode {
  switch (code) {
    case 'data_directory_in_use':
      return exitCodes.dataDirectoryInUse;
    case 'not_a_data_directory':
    case 'directory_not_writable':
    case 'folder_not_reachable':
      return exitCodes.usage;
    default:
      return exitCodes.unreachable;
  }
}

function asOutageOrRefusal(error: CodedError): CliError {
  switch (error.code) {
    case 'database_unavailable':
      return new CliError(exitCodes.unreachable, error.code, error.message, {
        advice: joinLines(
          'check DATABASE_URL, and that PostgreSQL runs and takes the connection',
          causeText(error),
        ),
        cause: error,
      });
    case 'workos_unavailable':
      return new CliError(exitCodes.unreachable, error.code, error.message, { cause: error });
    case 'internal':
      return asDefect(error);
    default:
      return new CliError(exitCodes.refused, error.code, error.message, { cause: error });
  }
}

/** A fault of ours: the stack is what whoever mends it needs. */
function asDefect(error: unknown): CliError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CliError(exitCodes.defect, 'internal', 'a fault of Rolecall itself', {
    advice: text,
    cause: error,
  });
}

function isCoded(error: unknown): error is CodedError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** The last lines that PostgreSQL wrote, when an error carries them. */
function outputOf(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('output' in details)) return undefined;
  return typeof details.output === 'string' && details.output !== '' ? details.output : undefined;
}

function causeText(error: Error): string | undefined {
  return error.cause instanceof Error ? `(${error.cause.message})` : undefined;
}

function joinLines(...lines: readonly (string | undefined)[]): string | undefined {
  const present = lines.filter((line) => line !== undefined);
  return present.length === 0 ? undefined : present.join('\n');
}
