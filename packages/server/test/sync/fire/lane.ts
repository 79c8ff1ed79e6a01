import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { type Errand, type Report } from './errand.ts';
import { type EngineName } from './processes/engine.ts';

export interface LaneOptions {
  readonly serverUrl: string;
  readonly name: string;
  /** What the workers run on. */
  readonly engine: EngineName;
  /** After how long a seed is given up that does not end; 5 minutes unless told otherwise. */
  readonly longestMs?: number;
  readonly say: (line: string) => void;
}

/** A process that plays one seed after the other in a database of its own. */
export interface Lane {
  readonly play: (errand: Errand) => Promise<Report>;
  readonly close: () => void;
}

/** What a lane sends: a line of a trace, or how a seed ended. */
type Message = { readonly line: string } | { readonly report: Report };

/** Far above what any seed takes on a busy machine: what is still at it then never ends. */
const LONGEST_MS = 300_000;

/** Starts one. What ends by itself, or never ends, leaves its seed with that as its fault; the next has a new process. */
export function openLane(options: LaneOptions): Lane {
  const { serverUrl, name, engine, say, longestMs = LONGEST_MS } = options;
  let started = 0;
  let idle = true;
  const start = (): ChildProcess => {
    started += 1;
    idle = true;
    const program = join(import.meta.dirname, 'lane-worker.ts');
    return fork(program, [serverUrl, `${name}_${started}`, engine]);
  };
  let child = start();
  return {
    play: (errand) =>
      new Promise((resolve) => {
        const playing = child;
        idle = false;
        const hear = (message: unknown): void => {
          const heard = message as Message;
          if ('line' in heard) say(heard.line);
          else finish(heard.report);
        };
        const fail = (fault: string): void => {
          child = start();
          finish({ seed: errand.seed, faults: [fault], hazards: [], struck: [], rounds: 0 });
        };
        const ended = (): void => {
          fail('the process that played it has ended');
        };
        const timer = setTimeout(() => {
          playing.off('exit', ended).kill('SIGKILL');
          fail(`it did not end within ${longestMs / 1_000} s`);
        }, longestMs);
        const finish = (report: Report): void => {
          clearTimeout(timer);
          playing.off('message', hear).off('exit', ended);
          resolve(report);
        };
        playing.on('message', hear).on('exit', ended);
        if (playing.connected) playing.send(errand);
        else ended();
      }),
    close: () => {
      // One that has played nothing may still be starting, and has nothing to end.
      if (idle) child.kill('SIGKILL');
      else if (child.connected) child.disconnect();
    },
  };
}
