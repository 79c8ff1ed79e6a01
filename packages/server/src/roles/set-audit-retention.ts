import { appendEnvironmentAudit } from '../audit/index.ts';
import { type Reader, type Tx } from '../database/index.ts';
import { getOrganization, lockOrganization, refuseProblems } from '../identity/index.ts';
import {
  type Days,
  deleteOwnRetention,
  findOwnRetention,
  putOwnRetention,
  readEnvironmentRetention,
  replaceEnvironmentRetention,
} from './audit-retention-store.ts';
import { closeCommand } from './close-command.ts';
import { type CommandContext, committed, type Committed } from './command.ts';

/** How long an organization's history is kept. */
export interface AuditRetention {
  /** Null is for ever. */
  readonly days: Days;
  /** Whether the organization has a setting of its own. */
  readonly own: boolean;
}

/** What is set: days, for ever (null), or that the organization follows the environment. */
export type RetentionChange = Days | 'environment';

const MAX_DAYS = 36_500;

/** How long an organization's history is kept. Throws `organization_not_found`. */
export async function getAuditRetention(
  reader: Reader,
  organizationId: string,
): Promise<AuditRetention> {
  await getOrganization(reader, organizationId);
  const own = await findOwnRetention(reader, organizationId);
  if (own !== undefined) return { days: own.days, own: true };
  return { days: await readEnvironmentRetention(reader), own: false };
}

/** Sets how long an organization's history is kept. Throws `organization_not_found`, `invalid_request`. */
export async function setAuditRetention(
  tx: Tx,
  organizationId: string,
  { days }: { readonly days: RetentionChange },
  context: CommandContext,
): Promise<Committed<AuditRetention>> {
  requireDays(days);
  const lock = await lockOrganization(tx, organizationId);
  const before = await getAuditRetention(tx, organizationId);
  if (days === 'environment') await deleteOwnRetention(tx, lock);
  else await putOwnRetention(tx, lock, days);
  const value = await getAuditRetention(tx, organizationId);
  const changes = before.days !== value.days || before.own !== value.own;
  const subject = `organization:${organizationId}`;
  const entry = { action: 'history.retention_changed', subject } as const;
  await closeCommand(tx, lock, context, {
    changed: {},
    entries: changes ? [{ ...entry, before: { ...before }, after: { ...value } }] : [],
  });
  return committed(lock, value);
}

/** Sets how long history is kept in organizations without a setting of their own. Throws `invalid_request`. */
export async function setEnvironmentAuditRetention(
  tx: Tx,
  { days }: { readonly days: Days },
  context: CommandContext,
): Promise<Days> {
  requireDays(days);
  const before = await replaceEnvironmentRetention(tx, days);
  if (before !== days) {
    const entry = { action: 'history.retention_changed', subject: 'environment' } as const;
    await appendEnvironmentAudit(tx, context, {
      ...entry,
      before: { days: before },
      after: { days },
    });
  }
  return days;
}

function requireDays(days: RetentionChange): void {
  const valid =
    typeof days !== 'number' || (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS);
  refuseProblems({ days: valid ? undefined : `must be a whole number from 1 to ${MAX_DAYS}` });
}
