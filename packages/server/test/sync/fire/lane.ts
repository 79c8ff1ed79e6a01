import { fork } from 'node:child_process';
import { join } from 'node:path';
import { type Errand, type Report } from './errand.ts';
import { type EngineName } from './processes/engine.ts';

export interface LaneOptions {
  readonly serverUrl: string;
  readonly name: string;
  /** What the workers run on. */
  readonly engine: EngineName;
  readonly say: (line: string) => void;
}

/** A process that plays one seed after the other in a database of its own. */
export interface Lane {
  readonly play: (errand: Errand) => Promise<Report>;
  readonly close: () => void;
}

/** What a lane sends: a line of a trace, or how a seed ended. */
type Message = { readonly line: string } | { readonly report: Report };

/** Starts one. A process that ends by itself leaves its seed with that as its fault. */
export function openLane({ serverUrl, name, engine, say }: LaneOptions): Lane {
  const child = fork(join(import.meta.dirname, 'lane-worker.ts'), [serverUrl, name, engine]);
  return {
    play: (errand) =>
      new Promise((resolve) => {
        const hear = (message: unknown): void => {
          const heard = message as Message;
          if ('line' in heard) say(heard.line);
          else finish(heard.report);
        };
        const ended = (): void => {
          const faults = [`the process that played it has ended`];
          finish({ seed: errand.seed, faults, hazards: [], struck: [], rounds: 0 });
        };
        const finish = (report: Report): void => {
          child.off('message', hear).off('exit', ended);
          resolve(report);
        };
        child.on('message', hear).on('exit', ended);
        if (child.connected) child.send(errand);
        else ended();
      }),
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}
