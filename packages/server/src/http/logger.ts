/** What a log line says beside its message. Ids and figures only: never bodies, secrets or addresses. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. A pino logger is one. */
export interface Logger {
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** Says nothing; for an embedding host that logs by itself. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
