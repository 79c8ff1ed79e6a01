import { appendEnvironmentAudit } from '../../audit/index.ts';
import { type LegacyState, query, type Reader, type Tx } from '../../database/index.ts';
import { refusal, type RolecallError } from '../../errors/index.ts';
import { type CommandContext } from '../command.ts';

/** The state of the environment, and since when it has been in it; null while it was never in another. */
export interface LegacyEnvironment {
  readonly state: LegacyState;
  readonly since: string | null;
}

/** Reads the state of the environment. */
export async function readLegacyEnvironment(reader: Reader): Promise<LegacyEnvironment> {
  const [row] = await query<LegacyEnvironment>(reader, {
    text: 'SELECT legacy_state AS state, legacy_since AS since FROM rolecall.environment',
  });
  return row ?? { state: 'unused', since: null };
}

/** Moves the environment to another state, and leaves that in its history. The schema judges the step. */
export async function moveLegacyState(
  tx: Tx,
  { from, to }: { readonly from: LegacyState; readonly to: LegacyState },
  context: CommandContext,
): Promise<void> {
  await query(tx, { text: 'UPDATE rolecall.environment SET legacy_state = $1', values: [to] });
  await appendEnvironmentAudit(tx, context, {
    action: 'legacy.state_changed',
    subject: 'environment',
    before: { legacy_state: from },
    after: { legacy_state: to },
  });
}

/** What is refused because the environment is in another state than it takes. */
export function wrongState(state: LegacyState, advice: string): RolecallError {
  return refusal('legacy_wrong_state', `the environment is \`${state}\`: ${advice}`, { state });
}
