import { type Cancel, systemClock } from './clock.ts';
import type { Machine } from './machine.ts';
import { takeSnapshot, writeSnapshot } from './snapshot.ts';
import { Refusal } from './state/index.ts';

/** Half a second: what a demo may lose when it is killed. */
const SAVE_DELAY_MS = 500;

/** Keeps a file up to date with the state. */
export interface Saver {
  /** Writes the file now. @throws Refusal 409 when there is none */
  readonly save: () => void;
  /** Writes the file a last time. */
  readonly close: () => void;
}

/** Makes the saver of a simulator; without a file it has nothing to do. */
export function createSaver(machine: Machine): Saver {
  const { file } = machine.options;
  if (file === null) {
    return {
      save: () => {
        throw new Refusal(409, { code: 'no_file', message: 'The simulator has no file.' });
      },
      close: () => undefined,
    };
  }
  let cancel: Cancel | null = null;
  const save = (): void => {
    cancel?.();
    cancel = null;
    writeSnapshot(file, takeSnapshot(machine.world));
  };
  const changed = (): void => {
    cancel ??= systemClock.schedule(save, SAVE_DELAY_MS);
  };
  machine.world.changes.add(changed);
  return {
    save,
    close: () => {
      machine.world.changes.delete(changed);
      save();
    },
  };
}
