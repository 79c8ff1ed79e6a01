import type { Legacy } from '@rolecall/server';
import type { Session } from '../../session/index.ts';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-codes.ts';
import { count, createProgress } from '../../output/index.ts';
import { statusJson, statusText } from './status.ts';
import { withLegacy } from './with-legacy.ts';

/** `rolecall legacy cut-over` */
export function cutOver(session: Session): Promise<undefined> {
  return take(session, (legacy) => legacy.cutOver());
}

/** `rolecall legacy roll-back` */
export function rollBack(session: Session): Promise<undefined> {
  return take(session, (legacy) => legacy.rollBack());
}

/** `rolecall legacy purge` */
export async function purge(
  session: Session,
  _args: readonly [],
  { yes = false }: { readonly yes?: boolean },
): Promise<undefined> {
  if (!yes) {
    throw new CliError(exitCodes.usage, 'usage', 'there is no way back from a purge', {
      advice: 'if it is what you want, add --yes',
    });
  }
  const { output } = session;
  const deleted = await withLegacy(session, async (legacy) => {
    const { broughtOver: total } = await legacy.status();
    const progress = await createProgress(output, { doing: 'Deleting', total });
    try {
      return await legacy.purge({
        onProgress: (done) => {
          progress.advance(Math.min(done, total));
        },
      });
    } finally {
      progress.stop();
    }
  });
  output.answer(
    { deleted },
    () => `${output.style.good('✓')} ${count(deleted, 'grant')} of the old form deleted`,
  );
  return undefined;
}

async function take(
  session: Session,
  step: (legacy: Legacy) => Promise<unknown>,
): Promise<undefined> {
  const status = await withLegacy(session, async (legacy) => {
    await step(legacy);
    return legacy.status();
  });
  session.output.answer(statusJson(status), () => statusText(status, session.output));
  return undefined;
}
