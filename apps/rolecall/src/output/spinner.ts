import type { Output } from './output.ts';

/** A line that shows that something is being done, while nobody can say how far it is. */
export interface Spinner {
  say(text: string): void;
  /** Takes the line away. More than one call does nothing more. */
  clear(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;
const SHORT_MS = 2_000;
const CLEAR_LINE = '\r\u001b[2K';

/** A spinner on stderr, which must be a terminal; what takes longer is shown with its seconds. */
export function spin({ errorSink, errorStyle }: Output, text: string): Spinner {
  const started = performance.now();
  let current = text;
  let frame = 0;
  const draw = (): void => {
    const symbol = FRAMES[frame++ % FRAMES.length] ?? '';
    const elapsed = performance.now() - started;
    const seconds = elapsed < SHORT_MS ? '' : errorStyle.dim(`  ${Math.floor(elapsed / 1000)} s`);
    errorSink.write(`${CLEAR_LINE}  ${errorStyle.accent(symbol)} ${current}${seconds}`);
  };
  draw();
  let timer: NodeJS.Timeout | undefined = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    say(next) {
      current = next;
    },
    clear() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      errorSink.write(CLEAR_LINE);
    },
  };
}
