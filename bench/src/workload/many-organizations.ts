import { setTimeout as sleep } from 'node:timers/promises';
import { builtinPolicy } from '@rolecall/policy';
import { type Db, inTransaction, query } from '@rolecall/server/database';
import { type Simulator } from '@rolecall/workos-simulator';
import {
  createOrganization,
  createRole,
  updateRole,
} from '../../../packages/server/src/roles/index.ts';

const context = { actor: 'system', requestId: null, policy: builtinPolicy };
const WRITERS = 8;
const LOOK_MS = 50;

/** What became of a change in every organization. */
export interface Changed {
  /** Until each was confirmed, in milliseconds: from its commit, or from the interruption where that came later. */
  readonly times: readonly number[];
}

/** Many linked organizations with one role each, which is changed in all of them at once. */
export class ManyOrganizations {
  readonly #db: Db;
  readonly #simulator: Simulator;
  readonly #count: number;
  readonly #roles = new Map<string, string>();
  #round = 0;

  constructor(db: Db, simulator: Simulator, count: number) {
    this.#db = db;
    this.#simulator = simulator;
    this.#count = count;
  }

  async make(): Promise<void> {
    for (let number = 1; number <= this.#count; number += 1) {
      const name = `Organization ${number}`;
      const { id: workosId } = this.#simulator.dashboard.createOrganization({ name });
      const id = `organization-${number}`;
      const role = await inTransaction(this.#db, async (tx) => {
        await createOrganization(tx, { id, name, workosId }, context);
        return createRole(tx, id, { name: 'Role', grants: [] }, context);
      });
      this.#roles.set(id, role.value.id);
    }
  }

  async allConfirmed(): Promise<void> {
    while ((await this.#confirmed()).size < this.#count) await sleep(LOOK_MS);
  }

  /**
   * Changes all, and waits until all are confirmed. An interruption comes once when a quarter is; what was done before
   * it does not count then.
   */
  async changeAll(interrupt?: () => Promise<void>): Promise<Changed> {
    this.#round += 1;
    const committed = new Map<string, number>();
    const writing = this.#write(committed);
    const times = new Map<string, number>();
    let interruptedAt: number | undefined;
    while (times.size < this.#count) {
      await sleep(LOOK_MS);
      const now = performance.now();
      for (const id of await this.#confirmed()) {
        const at = committed.get(id);
        if (at !== undefined && !times.has(id))
          times.set(id, now - Math.max(at, interruptedAt ?? 0));
      }
      if (interrupt !== undefined && interruptedAt === undefined && times.size >= this.#count / 4) {
        await writing;
        await interrupt();
        interruptedAt = performance.now();
        for (const id of times.keys()) if (times.get(id) !== undefined) times.set(id, 0);
      }
    }
    await writing;
    const counted = [...times.values()];
    return { times: interruptedAt === undefined ? counted : counted.filter((ms) => ms > 0) };
  }

  async #write(committed: Map<string, number>): Promise<void> {
    const left = [...this.#roles];
    const name = `Role ${this.#round}`;
    await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [id, roleId] = next;
          await inTransaction(this.#db, (tx) => updateRole(tx, id, { roleId, name }, context));
          committed.set(id, performance.now());
        }
      }),
    );
  }

  /** Where everything is confirmed. */
  async #confirmed(): Promise<ReadonlySet<string>> {
    const rows = await query<{ readonly id: string }>(this.#db, {
      name: 'bench_confirmed',
      text: `SELECT e.organization_id AS id FROM rolecall.sync_entities e
        JOIN rolecall.sync_organizations s USING (organization_id)
        WHERE s.snapshot_done >= s.snapshot_wanted
        GROUP BY 1 HAVING bool_and(e.pushed_version >= e.local_version)`,
    });
    return new Set(rows.map((row) => row.id));
  }
}
