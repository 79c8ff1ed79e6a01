import { type Database } from '@rolecall/server/database';
import { drainEnvironment, drainOrganization, pullEvents } from '../../../src/sync/index.ts';
import { noteMultipleRoles, openUngatedPort, type WorkosPort } from '../../../src/workos/index.ts';
import { type InnerArena, type Site } from './arena.ts';
import { type Cutter, startCutter } from './cutter.ts';
import { openWorkerDatabase } from './fire-database.ts';
import { hazardsOfExchange } from './hazards.ts';
import { createNetwork } from './network.ts';
import { type Task } from './turnstile.ts';

/** What a worker can begin. */
export type Activity =
  { readonly kind: 'drain'; readonly site: Site } | { readonly kind: 'pull' | 'environment' };

/** Longer than any call takes, by the clock of the database. */
const LONGEST_CALL_MS = 15_000;

/** A process that synchronises, as far as one can be had in another process: it stops wherever it could die. */
export class Worker {
  readonly name: string;
  readonly #arena: InnerArena;
  readonly #database: Database;
  readonly #cutter: Cutter | undefined;
  readonly tasks = new Map<string, Task>();
  #port: WorkosPort;
  #lives = 1;

  constructor(name: string, arena: InnerArena, database: Database, cutter?: Cutter) {
    this.name = name;
    this.#arena = arena;
    this.#database = database;
    this.#cutter = cutter;
    this.#port = openPort(arena, database);
  }

  get port(): WorkosPort {
    return this.#port;
  }

  get cutter(): Cutter | undefined {
    return this.#cutter;
  }

  get parked(): readonly Task[] {
    return [...this.tasks.values()].filter(({ state }) => state === 'parked');
  }

  /** What it could begin now: one thing of each kind at a time, each organization on its own. */
  idle(activity: Activity): boolean {
    const task = this.tasks.get(keyOf(activity));
    return task === undefined || task.state === 'ended';
  }

  /** Begins something and lets it run to its first stop. */
  async begin(activity: Activity): Promise<Task> {
    const key = keyOf(activity);
    const name = `${this.name} ${key}`;
    const task = await this.#arena.turnstile.begin(name, () => this.#perform(activity));
    this.tasks.set(key, task);
    return task;
  }

  /** Ends the process where it stands, and starts another one that knows nothing. */
  kill(): void {
    this.tasks.clear();
    this.#lives += 1;
    this.#port = openPort(this.#arena, this.#database);
  }

  async close(): Promise<void> {
    if (this.#cutter === undefined) return;
    await this.#database.close();
    await this.#cutter.close();
  }

  async #perform(activity: Activity): Promise<unknown> {
    const { turnstile, random } = this.#arena;
    const options = { db: this.#database.db, port: this.#port, random: random.next };
    const reached = (step: string): Promise<void> => turnstile.park(step);
    switch (activity.kind) {
      case 'drain':
        return drainOrganization({ ...options, reached }, activity.site.id);
      case 'pull':
        this.#arena.nudges = 0;
        return pullEvents({ ...options, reached });
      case 'environment':
        return drainEnvironment(options);
    }
  }
}

/** Starts a worker: one whose connections are to be cut has its own, through a cutter. */
export async function startWorker(name: string, arena: InnerArena): Promise<Worker> {
  if (!arena.schedule.beginnings.cuts) return new Worker(name, arena, arena.connectionsOf(name));
  const cutter = await startCutter(arena.databaseUrl);
  return new Worker(name, arena, openWorkerDatabase(cutter.url, name), cutter);
}

function openPort(arena: InnerArena, { db }: Database): WorkosPort {
  const { simulator, turnstile, reached } = arena;
  return openUngatedPort({
    apiKey: simulator.apiKey,
    apiUrl: 'http://workos.test',
    fetch: createNetwork(simulator, turnstile, {
      heard: (news) => {
        for (const hazard of hazardsOfExchange(news)) reached(hazard);
      },
      thin: () => {
        if (arena.thinListings) {
          arena.lacked = true;
          reached('I20');
        }
        return arena.thinListings;
      },
    }),
    timeoutMs: 20_000,
    longestCallMs: LONGEST_CALL_MS,
    onMultipleRoles: (evidence) => noteMultipleRoles(db, evidence),
  });
}

function keyOf(activity: Activity): string {
  return activity.kind === 'drain' ? `drain ${activity.site.id}` : activity.kind;
}
