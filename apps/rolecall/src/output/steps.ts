import type { Output } from './output.ts';
import { duration, padEnd } from './text.ts';

/** A sequence of things that take their time, each shown while it runs and once it is done. */
export interface Steps {
  /**
   * Runs `work`. On a terminal `doing` stands there meanwhile; afterwards the sentence that `done`
   * makes of the result, with the time it took. A step that fails leaves no line: the error speaks.
   */
  run<T>(
    doing: string,
    work: (say: (doing: string) => void) => Promise<T>,
    done: (result: T) => string | undefined,
  ): Promise<T>;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const FRAME_MS = 100;
const TEXT_WIDTH = 60;
const CLEAR_LINE = '\r\u001b[2K';

/** Steps on stderr: alive on a terminal, one plain line each elsewhere, silent for JSON. */
export function createSteps(output: Output): Steps {
  const style = output.errorStyle;
  return {
    async run(doing, work, done) {
      const started = performance.now();
      const stop = output.interactive ? animate(output, doing) : undefined;
      try {
        const result = await work((text) => stop?.say(text));
        stop?.clear();
        const sentence = done(result);
        if (sentence !== undefined) {
          const took = style.dim(duration(performance.now() - started));
          output.note(`  ${style.good('✓')} ${padEnd(sentence, TEXT_WIDTH)} ${took}`);
        }
        return result;
      } finally {
        stop?.clear();
      }
    },
  };
}

function animate(output: Output, doing: string): { say(text: string): void; clear(): void } {
  const { errorSink, errorStyle } = output;
  let text = doing;
  let frame = 0;
  const draw = (): void => {
    const symbol = FRAMES[frame++ % FRAMES.length] ?? '';
    errorSink.write(`${CLEAR_LINE}  ${errorStyle.accent(symbol)} ${text}`);
  };
  draw();
  let timer: NodeJS.Timeout | undefined = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    say(next) {
      text = next;
    },
    clear() {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      errorSink.write(CLEAR_LINE);
    },
  };
}
