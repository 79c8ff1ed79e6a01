import { pino, type Logger } from 'pino';
import type { LogLevel } from '../config.ts';

/** The log of the process: one JSON object a line, on stderr, written before the call returns. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: nameLevel },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

function nameLevel(label: string): { readonly level: string } {
  return { level: label };
}
