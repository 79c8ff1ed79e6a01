import {
  type Db,
  inTransaction,
  query,
  type Tx,
  violatedConstraint,
} from '../../database/index.ts';
import { refusal, type RolecallError } from '../../errors/index.ts';
import { type CommandContext } from '../command.ts';
import {
  type LegacyEnvironment,
  moveLegacyState,
  readLegacyEnvironment,
  wrongState,
} from './state-store.ts';

/**
 * Ends the reading of slugs: from then on one key is read, and nothing can be stored by the other. Changes no
 * decision. Throws `legacy_wrong_state`, and `legacy_grants_left` while anything is read by its slug or cannot be
 * mapped.
 */
export async function cutOverLegacy(tx: Tx, context: CommandContext): Promise<LegacyEnvironment> {
  const { state } = await readLegacyEnvironment(tx);
  if (state !== 'dual') throw wrongState(state, 'a cut-over leaves `dual`');
  const rows = await query(tx, {
    text: 'SELECT FROM rolecall.legacy_grants WHERE NOT brought_over LIMIT 1',
  });
  if (rows.length > 0) throw grantsLeft();
  try {
    await moveLegacyState(tx, { from: 'dual', to: 'cut_over' }, context);
  } catch (error) {
    // Somebody has stored one since the look at them.
    throw violatedConstraint(error) === 'environment_legacy_steps' ? grantsLeft() : error;
  }
  return readLegacyEnvironment(tx);
}

/** Takes a cut-over back: both keys are read again, and may be stored. Throws `legacy_wrong_state`. */
export async function rollBackLegacy(tx: Tx, context: CommandContext): Promise<LegacyEnvironment> {
  const { state } = await readLegacyEnvironment(tx);
  if (state !== 'cut_over') throw wrongState(state, 'only a cut-over can be taken back');
  await moveLegacyState(tx, { from: 'cut_over', to: 'dual' }, context);
  return readLegacyEnvironment(tx);
}

const PURGE_BATCH = 10_000;

/**
 * Deletes for good what was keyed by slugs; there is no way back from it. Rows go in batches, so that nobody waits
 * long, and it may be cut off and begun again. Answers with how many it deleted. Throws `legacy_wrong_state`.
 */
export async function purgeLegacy(
  db: Db,
  { onProgress = () => undefined }: { readonly onProgress?: (deleted: number) => void },
  context: CommandContext,
): Promise<number> {
  const { state } = await readLegacyEnvironment(db);
  if (state !== 'cut_over') throw wrongState(state, 'only what was cut over from can be purged');
  for (let deleted = 0; ;) {
    const rows = await query(db, {
      text: `DELETE FROM rolecall.legacy_grants
        WHERE brought_over AND ctid = ANY (ARRAY(SELECT ctid FROM rolecall.legacy_grants LIMIT $1)) RETURNING 1`,
      values: [PURGE_BATCH],
    });
    deleted += rows.length;
    onProgress(deleted);
    if (rows.length > 0) continue;
    await inTransaction(db, (tx) =>
      moveLegacyState(tx, { from: 'cut_over', to: 'purged' }, context),
    );
    return deleted;
  }
}

function grantsLeft(): RolecallError {
  return refusal(
    'legacy_grants_left',
    'there are grants left that are keyed by slugs; `rolecall legacy status` names them',
  );
}
