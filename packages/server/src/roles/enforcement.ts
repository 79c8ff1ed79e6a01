import { type EnforcementState, type Reader, type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import {
  getOrganization,
  lockOrganization,
  organizationNotFound,
  updateEnforcement,
} from '../identity/index.ts';
import { bootstrap, type BootstrapTraces } from './bootstrap.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, type Committed, committed } from './command.ts';
import { judgePreflight, type Preflight } from './preflight.ts';
import { findPreflightFacts } from './preflight-store.ts';

/** An organization's enforcement, and whether it could be `enforced`. */
export interface Enforcement {
  readonly state: EnforcementState;
  readonly preflight: Preflight;
}

/** Whether enforcement may be turned on. Throws `organization_not_found`. */
export async function preflight(reader: Reader, organizationId: string): Promise<Preflight> {
  const facts = await findPreflightFacts(reader, organizationId);
  if (facts === undefined) throw organizationNotFound(organizationId);
  return judgePreflight(facts);
}

/** The enforcement of an organization. Throws `organization_not_found`. */
export async function getEnforcement(reader: Reader, organizationId: string): Promise<Enforcement> {
  const { enforcement } = await getOrganization(reader, organizationId);
  return { state: enforcement, preflight: await preflight(reader, organizationId) };
}

export interface EnforcementChange {
  readonly state: EnforcementState;
  /** Make first what can be made: system roles, their grants, `member` for those without a role. */
  readonly bootstrap?: boolean | undefined;
}

/**
 * Turns enforcement on or off. Turning it to `enforced` asks the preflight first, under the one lock, so
 * what it found still holds; a bootstrap that does not suffice is undone with everything else. Throws
 * `organization_not_found`, `preflight_failed` with every item.
 */
export async function setEnforcement(
  tx: Tx,
  organizationId: string,
  { state, bootstrap: makesFirst = false }: EnforcementChange,
  context: CommandContext,
): Promise<Committed<Enforcement>> {
  const lock = await lockOrganization(tx, organizationId);
  const changes = state !== lock.enforcement;
  const made =
    makesFirst && state === 'enforced' ? await bootstrap(tx, lock, context) : NOTHING_MADE;
  const found = await preflight(tx, organizationId);
  if (changes && state === 'enforced' && !found.ready) throw preflightFailed(found);
  if (changes) await updateEnforcement(tx, lock, state);
  await closeCommand(tx, lock, context, {
    changed: { organization: changes || made.entries.length > 0 },
    entries: [
      ...made.entries,
      ...(changes
        ? [
            {
              action: 'enforcement.changed' as const,
              subject: `organization:${organizationId}`,
              before: { state: lock.enforcement },
              after: { state },
            },
          ]
        : []),
    ],
    intents: made.intents,
  });
  return committed(lock, { state, preflight: found });
}

const NOTHING_MADE: BootstrapTraces = { entries: [], intents: [] };

function preflightFailed({ items }: Preflight): Error {
  const failed = items.filter((item) => !item.passed);
  return refusal('preflight_failed', 'the organization is not ready for enforcement', {
    problems: failed.map(({ name, message, advice }) => ({
      path: name,
      message: `${message}: ${advice}`,
    })),
    items,
  });
}
