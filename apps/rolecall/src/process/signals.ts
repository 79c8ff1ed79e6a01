/**
 * A Ctrl-C under npm arrives twice, from the terminal and passed on by npm, within milliseconds: it is
 * one wish to stop, not a wish to stop at once.
 */
const SAME_WISH_MS = 1_000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One of the signals that ask the process to stop. */
export type StopSignal = (typeof signals)[number];

/** Whether somebody has asked the process to stop. */
export interface StopWatch {
  readonly requested: Promise<StopSignal>;
  isRequested(): boolean;
}

/**
 * Watches for signals to stop, which from now on do not end the process by themselves. `again` is called
 * when another one comes while the process is stopping, a second or more after the first.
 */
export function watchStopSignals(
  again: (signal: StopSignal) => void,
  process: Pick<NodeJS.Process, 'on'> = globalThis.process,
  now: () => number = () => performance.now(),
): StopWatch {
  let first: number | undefined;
  const requested = new Promise<StopSignal>((resolve) => {
    for (const signal of signals) {
      process.on(signal, () => {
        if (first === undefined) {
          first = now();
          resolve(signal);
        } else if (now() - first >= SAME_WISH_MS) {
          again(signal);
        }
      });
    }
  });
  return { requested, isRequested: () => first !== undefined };
}
