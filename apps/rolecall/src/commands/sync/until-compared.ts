import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../client/index.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count, createProgress } from '../../output/index.ts';
import type { Session } from '../../session/index.ts';

const POLL_MS = 200;
/** Nobody works on it when nothing at all has come on for so long. */
const STUCK_MS = 120_000;

/**
 * Waits until organizations have been compared and what was found is done, with a bar of how many are. Throws a
 * `CliError` when nothing comes on; what was asked for stays asked for.
 */
export async function untilCompared(
  session: Session,
  api: ApiClient,
  organizations: readonly string[],
): Promise<void> {
  const { endpoints } = await import('@rolecall/contract');
  const work = { doing: 'Mending', total: organizations.length };
  const progress = await createProgress(session.output, work);
  let left = [...organizations];
  let last = { text: '', at: performance.now() };
  try {
    while (left.length > 0) {
      const open: string[] = [];
      let text = '';
      for (const id of left) {
        const query = { organization_id: id };
        const { value } = await api.call(endpoints.getSyncStatus, { query });
        const { comparing, marked, pending } = value;
        if (comparing + marked + value.entities.pending > 0) open.push(id);
        text += `${comparing} ${marked} ${pending} `;
      }
      left = open;
      progress.advance(organizations.length - left.length);
      if (text !== last.text) last = { text, at: performance.now() };
      if (performance.now() - last.at > STUCK_MS) throw stuck(left.length);
      if (left.length > 0) await sleep(POLL_MS);
    }
  } finally {
    progress.stop();
  }
}

function stuck(left: number): CliError {
  return new CliError(
    exitCodes.unreachable,
    'sync_stuck',
    `${count(left, 'organization')} did not come on for two minutes`,
    { advice: 'see `npx rolecall sync status`: WorkOS may be away; it goes on by itself' },
  );
}
