import type { Output } from './output.ts';
import { spin } from './spinner.ts';
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

const TEXT_WIDTH = 46;

/** Steps on stderr: alive on a terminal, one plain line each elsewhere, silent for JSON. */
export function createSteps(output: Output): Steps {
  const style = output.errorStyle;
  return {
    async run(doing, work, done) {
      const started = performance.now();
      const spinner = output.interactive ? spin(output, doing) : undefined;
      try {
        const result = await work((text) => spinner?.say(text));
        spinner?.clear();
        const sentence = done(result);
        if (sentence !== undefined) {
          const took = style.dim(duration(performance.now() - started));
          output.note(`  ${style.good('✓')} ${padEnd(sentence, TEXT_WIDTH)} ${took}`);
        }
        return result;
      } finally {
        spinner?.clear();
      }
    },
  };
}
