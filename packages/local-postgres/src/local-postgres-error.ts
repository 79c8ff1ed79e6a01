/** What went wrong, by code, with the facts a caller can act on. */
export interface LocalPostgresErrorDetails {
  /** Another living process owns the directory. */
  readonly data_directory_in_use: { readonly directory: string; readonly pid: number };
  /** The directory holds something that this package has not made. */
  readonly not_a_data_directory: { readonly directory: string };
  /** The cluster belongs to another major version of PostgreSQL. */
  readonly other_version: {
    readonly directory: string;
    readonly found: string;
    readonly expected: string;
  };
  /** There are no PostgreSQL binaries for this machine, or they do not run. */
  readonly binaries_unavailable: { readonly platform: string; readonly output: string };
  /** The account that the server must run as cannot enter a folder. */
  readonly folder_not_reachable: { readonly folder: string; readonly uid: number };
  /** This process may not write into the directory. */
  readonly directory_not_writable: { readonly directory: string };
  /** The process is root and is not allowed to start a process as anybody else. */
  readonly root_not_droppable: { readonly uid: number };
  /** The port that was asked for is taken. */
  readonly port_in_use: { readonly port: number };
  readonly creation_failed: { readonly directory: string; readonly output: string };
  readonly start_failed: { readonly directory: string; readonly output: string };
}

export type LocalPostgresErrorCode = keyof LocalPostgresErrorDetails;

/** Every error that this package throws on purpose. `advice` says what a person can do about it. */
export class LocalPostgresError<
  Code extends LocalPostgresErrorCode = LocalPostgresErrorCode,
> extends Error {
  readonly code: Code;
  readonly details: LocalPostgresErrorDetails[Code];
  readonly advice: string | undefined;

  constructor(
    code: Code,
    message: string,
    details: LocalPostgresErrorDetails[Code],
    context: { readonly cause?: unknown; readonly advice?: string } = {},
  ) {
    super(message, 'cause' in context ? { cause: context.cause } : undefined);
    this.name = 'LocalPostgresError';
    this.code = code;
    this.details = details;
    this.advice = context.advice;
  }
}

/** The `code` of a Node system error, such as `ENOENT`, when `error` is one. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
