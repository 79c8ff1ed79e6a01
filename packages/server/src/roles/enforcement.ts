import { type EnforcementState, type Reader, type Tx } from '../database/index.ts';
import { refusal } from '../errors/index.ts';
import {
  getOrganization,
  lockOrganization,
  organizationNotFound,
  updateEnforcement,
} from '../identity/index.ts';
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

/**
 * Turns enforcement on or off. Turning it to `enforced` asks the preflight first, under the one lock, so
 * what it found still holds. Throws `organization_not_found`, `preflight_failed` with every item.
 */
export async function setEnforcement(
  tx: Tx,
  organizationId: string,
  { state }: { readonly state: EnforcementState },
  context: CommandContext,
): Promise<Committed<Enforcement>> {
  const lock = await lockOrganization(tx, organizationId);
  const found = await preflight(tx, organizationId);
  const changes = state !== lock.enforcement;
  if (changes && state === 'enforced' && !found.ready) throw preflightFailed(found);
  if (changes) await updateEnforcement(tx, lock, state);
  await closeCommand(tx, lock, context, {
    changed: { organization: changes },
    entries: changes
      ? [
          {
            action: 'enforcement.changed',
            subject: `organization:${organizationId}`,
            before: { state: lock.enforcement },
            after: { state },
          },
        ]
      : [],
  });
  return committed(lock, { state, preflight: found });
}

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
