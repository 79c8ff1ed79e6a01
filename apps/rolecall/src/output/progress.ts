import type { Output } from './output.ts';

/** How far a long piece of work is. */
export interface Progress {
  /** The part that is worked on now. */
  stage(name: string): void;
  /** How much is done, in the unit of the total. */
  advance(done: number): void;
  /** Takes the bar away; also after a failure. More than one call does nothing more. */
  stop(): void;
}

const LINE_EVERY_MS = 5_000;
const REDRAWS_PER_SECOND = 10;

/**
 * A progress bar on a terminal; a plain line per stage, and one every few seconds, where there is
 * none; nothing for JSON.
 */
export async function createProgress(output: Output, total: number): Promise<Progress> {
  if (output.json) return { stage: ignore, advance: ignore, stop: ignore };
  return output.interactive ? await drawBar(output, total) : writeLines(output, total);
}

async function drawBar(output: Output, total: number): Promise<Progress> {
  const { SingleBar } = await import('cli-progress');
  const { accent, dim } = output.errorStyle;
  const bar = new SingleBar({
    format: `  ${accent('{bar}')} {percentage} %  ${dim('{stage} {duration_formatted}')}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 32,
    hideCursor: true,
    clearOnComplete: true,
    fps: REDRAWS_PER_SECOND,
    // The time goes on while one stage takes long.
    forceRedraw: true,
  });
  bar.start(total, 0, { stage: '' });
  return {
    stage: (name) => {
      bar.update({ stage: name });
    },
    advance: (done) => {
      bar.update(done);
    },
    stop: () => {
      bar.stop();
    },
  };
}

function writeLines(output: Output, total: number): Progress {
  let current = '';
  let written = 0;
  return {
    stage(name) {
      current = name;
      written = performance.now();
      output.note(name);
    },
    advance(done) {
      if (performance.now() - written < LINE_EVERY_MS) return;
      written = performance.now();
      output.note(`${current}: ${Math.floor((100 * done) / Math.max(1, total))} %`);
    },
    stop: ignore,
  };
}

function ignore(): void {
  // There is nobody to show it to.
}
