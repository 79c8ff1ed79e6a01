/** Cancels what was scheduled; calling it twice, or after it ran, does nothing. */
export type Cancel = () => void;

/** Where the simulator gets its time, so that a test can own it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Runs `task` once, `delayMs` milliseconds from now. */
  readonly schedule: (task: () => void, delayMs: number) => Cancel;
}

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves the time forward by `ms` milliseconds, running what falls due, in order of time, and
   * letting promises settle between two tasks.
   */
  readonly advance: (ms: number) => Promise<void>;
}

/** The clock of the machine. Its timers never keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (task, delayMs) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Whether `clock` can be advanced by hand. */
export function isManualClock(clock: Clock): clock is ManualClock {
  return 'advance' in clock;
}

/** Waits `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(resolve, ms);
  });
}

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Makes a clock that starts at `startMs` (default 1 January 2026) and moves only by `advance`. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  let order = 0;
  const tasks = new Set<Task>();

  const nextDue = (limit: number): Task | undefined => {
    let next: Task | undefined;
    for (const task of tasks) {
      if (task.at > limit) continue;
      if (!next || task.at < next.at || (task.at === next.at && task.order < next.order)) {
        next = task;
      }
    }
    return next;
  };

  return {
    now: () => now,
    schedule: (run, delayMs) => {
      order += 1;
      const task = { at: now + Math.max(0, delayMs), order, run };
      tasks.add(task);
      return () => {
        tasks.delete(task);
      };
    },
    advance: async (ms) => {
      const target = now + ms;
      await settle();
      for (let task = nextDue(target); task; task = nextDue(target)) {
        tasks.delete(task);
        now = Math.max(now, task.at);
        task.run();
        await settle();
      }
      now = target;
    },
  };
}

/** One turn of the event loop: enough for promises that wait on nothing but each other. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
