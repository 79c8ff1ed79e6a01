import type { CliError } from '../cli-error.ts';
import { createStyle, type Style } from './style.ts';
import { printable } from './text.ts';

/** A place that text goes to: the part of a terminal or pipe that output needs. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly hasColors?: () => boolean;
  write(text: string): unknown;
}

/** Where and how a command speaks. Answers go to stdout, everything about the way there to stderr. */
export interface Output {
  readonly json: boolean;
  /** Whether a person watches the way there: stderr is a terminal and nothing was asked as JSON. */
  readonly interactive: boolean;
  /** Columns that an answer may take: at most 100. */
  readonly width: number;
  readonly style: Style;
  readonly errorStyle: Style;
  readonly errorSink: Sink;
  /** The command's one answer: as JSON when that was asked for, else as `human` renders it. */
  answer(value: unknown, human: () => string): void;
  /** A line about the way there; nothing when JSON was asked for. */
  note(text: string): void;
  /** The command's one failure. */
  failure(error: CliError): void;
}

const WIDEST = 100;

/** Output over a pair of streams. With `json`, stdout gets exactly one document, errors included. */
export function createOutput(stdout: Sink, stderr: Sink, json: boolean): Output {
  const style = createStyle(showsColours(stdout));
  const errorStyle = createStyle(showsColours(stderr));
  const print = (value: unknown): unknown => stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  return {
    json,
    interactive: stderr.isTTY === true && !json,
    width: Math.min(WIDEST, stdout.isTTY === true ? (stdout.columns ?? WIDEST) : WIDEST),
    style,
    errorStyle,
    errorSink: stderr,
    answer(value, human) {
      if (json) print(value);
      else stdout.write(`${human()}\n`);
    },
    note(text) {
      if (!json) stderr.write(`${text}\n`);
    },
    failure(error) {
      if (json) print({ error: errorAsJson(error) });
      else stderr.write(`${renderError(error, errorStyle)}\n`);
    },
  };
}

/** Colours are for a terminal that has them; `NO_COLOR` and `FORCE_COLOR` are heard by the stream. */
function showsColours(sink: Sink): boolean {
  return sink.isTTY === true && sink.hasColors?.() === true;
}

function errorAsJson(error: CliError): Readonly<Record<string, unknown>> {
  return {
    code: error.code,
    message: error.message,
    exit_code: error.exitCode,
    ...(error.advice !== undefined && { advice: error.advice }),
    ...(error.problems.length > 0 && { problems: error.problems }),
    ...(error.requestId !== undefined && { request_id: error.requestId }),
  };
}

function renderError(error: CliError, style: Style): string {
  const lines = [`${style.bad('✗')} ${printable(error.message)}`];
  for (const { path, message } of error.problems) {
    const place = path === '' ? '' : `${style.bold(printable(path))}: `;
    lines.push(`    ${place}${printable(message)}`);
  }
  // Advice is ours and may have lines of its own.
  if (error.advice !== undefined) lines.push(`  ${error.advice.replaceAll('\n', '\n  ')}`);
  if (error.requestId !== undefined) lines.push(style.dim(`  request ${error.requestId}`));
  return lines.join('\n');
}
