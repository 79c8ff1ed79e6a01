/** Something that a worker does, which stops wherever its process could die. */
export interface Task {
  readonly name: string;
  readonly state: 'running' | 'parked' | 'ended';
  /** Where it stands while it is parked. */
  readonly at: string;
  /** What it ended with, when that is an error. */
  readonly error: unknown;
}

interface TaskRecord extends Task {
  state: 'running' | 'parked' | 'ended';
  at: string;
  error: unknown;
  resume: () => void;
}

/** Longer than any step takes; a task that neither parks nor ends is a bug of somebody's. */
const STUCK_MS = 30_000;

/**
 * Lets exactly one task run at a time, from one place where it may stop to the next, so that a seed decides in
 * which order things happen. A task that is never let on again is a process that was killed there: nothing of
 * it runs any more, not even its `finally`.
 */
export class Turnstile {
  #current: TaskRecord | undefined;
  #turnOver: () => void = () => undefined;

  /** Begins a task and lets it run to its first stop. */
  async begin(name: string, work: () => Promise<unknown>): Promise<Task> {
    const task: TaskRecord = {
      name,
      state: 'running',
      at: '',
      error: undefined,
      resume: () => undefined,
    };
    await this.#turn(task, () => {
      void work()
        .catch((error: unknown) => {
          task.error = error;
        })
        .finally(() => {
          task.state = 'ended';
          this.#turnOver();
        });
    });
    return task;
  }

  /** Lets a parked task run to its next stop. */
  async letOn(task: Task): Promise<void> {
    const record = task as TaskRecord;
    record.state = 'running';
    await this.#turn(record, record.resume);
  }

  /** Stops whoever is running here. What runs outside of any task goes on. */
  park(at: string): Promise<void> {
    const task = this.#current;
    if (task === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      task.state = 'parked';
      task.at = at;
      task.resume = resolve;
      this.#turnOver();
    });
  }

  async #turn(task: TaskRecord, start: () => void): Promise<void> {
    const over = Promise.withResolvers<undefined>();
    const stuck = setTimeout(() => {
      over.reject(
        new Error(`the task \`${task.name}\` neither stops nor ends, last at \`${task.at}\``),
      );
    }, STUCK_MS);
    this.#current = task;
    this.#turnOver = () => {
      over.resolve(undefined);
    };
    try {
      start();
      await over.promise;
    } finally {
      clearTimeout(stuck);
      this.#current = undefined;
    }
  }
}
