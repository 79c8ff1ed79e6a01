import type { Output } from './output.ts';
import { spin, type Spinner } from './spinner.ts';

/** How far a long piece of work is. */
export interface Progress {
  /** How much is done, in the unit of the total. */
  advance(done: number): void;
  /** From now on somebody else works, who does not say how far they are. */
  wait(doing: string): void;
  /** Takes everything away; also after a failure. More than one call does nothing more. */
  stop(): void;
}

const LINE_EVERY_MS = 5_000;
const REDRAWS_PER_SECOND = 10;

/**
 * A progress bar on a terminal; where there is none, a plain line for each part and one every few
 * seconds; nothing for JSON.
 */
export async function createProgress(
  output: Output,
  work: { readonly doing: string; readonly total: number },
): Promise<Progress> {
  if (output.json) return { advance: ignore, wait: ignore, stop: ignore };
  return output.interactive ? await drawBar(output, work) : writeLines(output, work);
}

async function drawBar(
  output: Output,
  { doing, total }: { readonly doing: string; readonly total: number },
): Promise<Progress> {
  const { SingleBar } = await import('cli-progress');
  const { accent, dim } = output.errorStyle;
  const bar = new SingleBar({
    format: `  ${doing} ${accent('{bar}')} {percentage} %  ${dim('{duration_formatted}')}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 32,
    hideCursor: true,
    clearOnComplete: true,
    fps: REDRAWS_PER_SECOND,
  });
  let spinner: Spinner | undefined;
  bar.start(total, 0);
  return {
    advance: (done) => {
      bar.update(done);
    },
    wait: (text) => {
      bar.stop();
      spinner?.clear();
      spinner = spin(output, text);
    },
    stop: () => {
      bar.stop();
      spinner?.clear();
    },
  };
}

function writeLines(
  output: Output,
  { doing, total }: { readonly doing: string; readonly total: number },
): Progress {
  let written = performance.now();
  output.note(doing);
  return {
    advance(done) {
      if (performance.now() - written < LINE_EVERY_MS) return;
      written = performance.now();
      output.note(`${doing}: ${Math.floor((100 * done) / Math.max(1, total))} %`);
    },
    wait(text) {
      output.note(text);
    },
    stop: ignore,
  };
}

function ignore(): void {
  // There is nobody to show it to.
}
