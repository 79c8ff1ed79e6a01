import {
  allHandlersFinished,
  condition,
  defineSignal,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { WAKE } from '../names.ts';

/** How a piece of work ended, as an activity answers. */
export interface WorkResult {
  readonly result: 'drained' | 'busy' | 'stopped' | 'not_linked' | 'failed';
  /** After how many milliseconds it is to be done again unless woken before; null: when woken. */
  readonly againInMs: number | null;
  /** Whether being woken does not shorten that. */
  readonly firm?: boolean;
}

/** Somebody says that there may be something to do. */
export const wake = defineSignal(WAKE);

/** Long before Temporal's own limits: a run this long is read again within milliseconds. */
const LONGEST_HISTORY = 1_000;

/**
 * Does a piece of work, one at a time, and again whenever it was woken or the time has come. Resolves to `ended` when
 * there is no more such work, and to `long` when another run should go on.
 *
 * INVARIANT (no wake-up lost): every run begins by working, whoever started it, and whoever is woken while working
 * works once more. A signal that comes while a run ends makes Temporal refuse that end, and is heard first.
 *
 *   working   the activity runs; being woken is noted
 *   waiting   for being woken, or for the time at which something is due
 *   holding   for a time that WorkOS has named; being woken is noted
 */
export async function keepWorking(work: () => Promise<WorkResult>): Promise<'ended' | 'long'> {
  let woken = true;
  setHandler(wake, () => {
    woken = true;
  });
  for (;;) {
    woken = false;
    const { result, againInMs, firm = false } = await work();
    if (isLong()) {
      await condition(allHandlersFinished);
      return 'long';
    }
    if (result === 'not_linked' && !isSet(woken)) return 'ended';
    if (firm && againInMs !== null) await sleep(againInMs);
    else if (againInMs === null) await condition(() => woken);
    else await condition(() => woken, againInMs);
  }
}

function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= LONGEST_HISTORY;
}

/** The compiler does not see that a handler sets it meanwhile. */
function isSet(flag: boolean): boolean {
  return flag;
}
