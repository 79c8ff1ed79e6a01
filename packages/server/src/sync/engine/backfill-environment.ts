import { type Db } from '../../database/index.ts';
import { refusal } from '../../errors/index.ts';
import { type Workos } from '../../workos/index.ts';
import { RestoreGuard } from '../drain/index.ts';
import { backfill, type BackfillOptions, type BackfillPlan } from '../reconcile/index.ts';
import { EnvironmentGuard, WrongEnvironment } from '../runner/index.ts';
import { tellingWhy } from './workos-refusals.ts';

/** What of a backfill is asked for; see `backfill`. */
export type BackfillRequest = Pick<
  BackfillOptions,
  'context' | 'dryRun' | 'linkedOnly' | 'progress' | 'signal' | 'workosIds'
>;

/**
 * `backfill` for somebody who waits for it: only with the key of this database's environment, and heedful of a
 * restored database. Throws `workos_unavailable`, `workos_refused`.
 */
export async function* backfillEnvironment(
  db: Db,
  { port }: Workos,
  asked: BackfillRequest,
): AsyncGenerator<BackfillPlan> {
  await tellingWhy(() => confirmed(new EnvironmentGuard(db, port)));
  const plans = backfill({ ...asked, db, port, restore: new RestoreGuard(db, port) });
  for (;;) {
    const next = await tellingWhy(() => plans.next());
    if (next.done === true) return;
    yield next.value;
  }
}

async function confirmed(guard: EnvironmentGuard): Promise<void> {
  try {
    await guard.confirm();
  } catch (error) {
    if (!(error instanceof WrongEnvironment)) throw error;
    throw refusal('workos_refused', error.message);
  }
}
